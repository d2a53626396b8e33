using System.Globalization;

namespace VpnWs.Hosting;

/// <summary>Keeps what others wrote from breaking out of its line: in a log, a peer's words must not look like ours.</summary>
internal static class OneLine
{
    /// <summary>Returns <paramref name="text"/> with each run of line ends as one space, and other control characters, those for formatting and separators of lines as question marks.</summary>
    public static string Of(string text)
    {
        if (!text.Any(BreaksOut)) return text;
        var lines = text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return string.Concat(string.Join(' ', lines).Select(c => BreaksOut(c) ? '?' : c));
    }

    // A format character can turn the direction of what follows.
    private static bool BreaksOut(char c) =>
        c >= '\x7f' ? char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator : c < ' ';
}
