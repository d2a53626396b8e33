using System.Globalization;

namespace VpnWs.Hosting;

/// <summary>Hides the secrets of the command line from ps(1) and the like, which read it from the process's own memory: passwords in URLs, queries of URLs, and the values of header fields.</summary>
internal static unsafe class ArgumentSecrets
{
    private const byte Cover = (byte)'x';
    private const int StartField = 48;
    private const int EndField = 49;

    /// <summary>Covers them; where the kernel does not tell where the arguments are, nothing is done.</summary>
    public static void Hide()
    {
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            var stat = new ProcessStat(Environment.ProcessId);
            var (start, end) = (Address(stat[StartField]), Address(stat[EndField]));
            if (start != 0 && end > start) CoverAll(new Span<byte>((void*)start, (int)(end - start)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            // No such file system here.
        }
    }

    /// <summary>Covers them in arguments that end with a zero each.</summary>
    internal static void CoverAll(Span<byte> arguments)
    {
        var isHeader = false;
        while (!arguments.IsEmpty)
        {
            var end = arguments.IndexOf((byte)0);
            var argument = end < 0 ? arguments : arguments[..end];
            if (isHeader) CoverHeader(argument);
            else if (argument.StartsWith("--header="u8) || argument.StartsWith("--header:"u8)) CoverHeader(argument["--header=".Length..]);
            else CoverUrl(argument);
            isHeader = !isHeader && argument.SequenceEqual("--header"u8);
            arguments = end < 0 ? [] : arguments[(end + 1)..];
        }
    }

    /// <summary>Which header fields are secret we cannot know: <c>Authorization</c>, <c>Cookie</c>, and whatever a proxy asks for.</summary>
    private static void CoverHeader(Span<byte> field)
    {
        var colon = field.IndexOf((byte)':');
        if (colon >= 0) field[(colon + 1)..].TrimStart((byte)' ').Fill(Cover);
    }

    private static void CoverUrl(Span<byte> argument)
    {
        var scheme = argument.IndexOf("://"u8);
        if (scheme < 0) return;
        var authority = argument[(scheme + 3)..];
        var slash = authority.IndexOfAny("/?#"u8);
        if (slash >= 0)
        {
            // A token may stand there.
            var rest = authority[slash..];
            var query = rest.IndexOf((byte)'?');
            if (query >= 0) rest[(query + 1)..].Fill(Cover);
            authority = authority[..slash];
        }

        var at = authority.LastIndexOf((byte)'@');
        var colon = at < 0 ? -1 : authority[..at].IndexOf((byte)':');
        if (colon >= 0) authority[(colon + 1)..at].Fill(Cover);
    }

    private static nuint Address(string field) => nuint.Parse(field, CultureInfo.InvariantCulture);
}
