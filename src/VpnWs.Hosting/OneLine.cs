namespace VpnWs.Hosting;

/// <summary>Keeps what others wrote from breaking out of its line: in a log, a peer's words must not look like ours.</summary>
internal static class OneLine
{
    /// <summary>Returns <paramref name="text"/> with each run of line ends as one space and other control characters as question marks.</summary>
    public static string Of(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\0', '\x1f') && !text.AsSpan().ContainsAnyInRange('\x7f', '\x9f')) return text;
        var lines = text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return string.Create(lines.Sum(l => l.Length + 1) - 1, lines, static (span, lines) =>
        {
            var joined = string.Join(' ', lines);
            for (var i = 0; i < span.Length; i++) span[i] = char.IsControl(joined[i]) ? '?' : joined[i];
        });
    }
}
