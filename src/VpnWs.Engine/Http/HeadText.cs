using System.Text;
using System.Text.Unicode;

namespace VpnWs.Http;

/// <summary>The text of header fields and CGI variables, whose bytes nobody promises to be of any encoding.</summary>
internal static class HeadText
{
    private const StringSplitOptions Tidy = StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries;

    /// <summary>Reads UTF-8, and what is not UTF-8 as Latin-1: no two byte strings of one encoding become the same text, as replacement characters would make them.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes) =>
        Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : Encoding.Latin1.GetString(bytes);

    /// <summary>The elements of a comma-separated list, empty ones left out (RFC 9110 section 5.6.1).</summary>
    public static string[] Items(string list) => list.Split(',', Tidy);

    /// <summary>Whether a comma-separated list has this element, in whatever case.</summary>
    public static bool HasItem(string list, string item) => Items(list).Contains(item, StringComparer.OrdinalIgnoreCase);
}
