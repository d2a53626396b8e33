namespace VpnWs.Hosting;

/// <summary>Keeps what others wrote from breaking out of its line: in a log, a peer's words must not look like ours.</summary>
internal static class OneLine
{
    /// <summary>Returns <paramref name="text"/> with each run of line ends as one space and other control characters as question marks.</summary>
    public static string Of(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\0', '\x1f') && !text.AsSpan().ContainsAnyInRange('\x7f', '\x9f')) return text;
        var lines = text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return string.Concat(string.Join(' ', lines).Select(c => char.IsControl(c) ? '?' : c));
    }
}
