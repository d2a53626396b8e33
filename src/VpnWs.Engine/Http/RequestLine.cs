using System.Buffers;
using System.Text;

namespace VpnWs.Http;

/// <summary>The first line of a request, <c>GET target HTTP/1.1</c> (RFC 9112 section 3).</summary>
internal static class RequestLine
{
    // A bound of ours: it tells a stream of letters from a request long before the bound of the head does.
    private const int MaxMethodLength = 32;
    private const byte TlsHandshake = 0x16;

    /// <summary>The characters of a token (RFC 9110 section 5.6.2).</summary>
    public static SearchValues<byte> TokenBytes { get; } =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    /// <summary>Looks at the beginning of a line that need not be whole: null where it may yet become a request line.</summary>
    public static HeadError? CheckStart(ReadOnlySpan<byte> line)
    {
        if (line.IsEmpty) return null;
        if (line[0] == TlsHandshake) return new HeadError(400, "A TLS handshake came to an address that speaks plain HTTP.");
        var space = line.IndexOf((byte)' ');
        var method = space < 0 ? line : line[..space];
        return method.IsEmpty || method.Length > MaxMethodLength || method.ContainsAnyExcept(TokenBytes)
            ? new HeadError(400, "This is not an HTTP request.")
            : null;
    }

    /// <summary>Reads a whole line, without its CRLF.</summary>
    /// <param name="line">The bytes of the line.</param>
    /// <param name="path">The path of the target as it was sent, not percent-decoded.</param>
    /// <param name="query">The query of the target, without its question mark.</param>
    /// <returns>Null where the line is right, else what is wrong.</returns>
    public static HeadError? Parse(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> path, out ReadOnlySpan<byte> query)
    {
        path = query = default;
        if (CheckStart(line) is { } error) return error;
        var first = line.IndexOf((byte)' ');
        var last = line.LastIndexOf((byte)' ');
        if (first == last) return new HeadError(400, "The request line is not a method, a target and a version.");
        var version = line[(last + 1)..];
        if (!IsVersion(version)) return new HeadError(400, "The request line does not end with an HTTP version.");
        if (!version.SequenceEqual("HTTP/1.1"u8)) return new HeadError(505, "Only HTTP/1.1 is spoken here.");
        if (!line[..first].SequenceEqual("GET"u8)) return new HeadError(405, "Only GET is allowed here.");
        return TrySplitTarget(line[(first + 1)..last], out path, out query)
            ? null
            : new HeadError(400, "The request target is neither a path nor an http URI.");
    }

    private static bool IsVersion(ReadOnlySpan<byte> text) =>
        text.Length == 8 && text.StartsWith("HTTP/"u8) && char.IsAsciiDigit((char)text[5]) && text[6] == '.' && char.IsAsciiDigit((char)text[7]);

    private static bool TrySplitTarget(ReadOnlySpan<byte> target, out ReadOnlySpan<byte> path, out ReadOnlySpan<byte> query)
    {
        path = query = default;
        if (target.IsEmpty || target.ContainsAny(" \t#"u8)) return false;
        if (target[0] != '/' && !TryCutOrigin(ref target)) return false;
        var mark = target.IndexOf((byte)'?');
        path = mark < 0 ? target : target[..mark];
        query = mark < 0 ? default : target[(mark + 1)..];
        if (path.IsEmpty) path = "/"u8;
        return true;
    }

    private static bool TryCutOrigin(ref ReadOnlySpan<byte> target)
    {
        var colon = target.IndexOf("://"u8);
        if (colon < 0 || !IsScheme(target[..colon])) return false;
        var rest = target[(colon + 3)..];
        var end = rest.IndexOfAny((byte)'/', (byte)'?');
        if (end == 0 || rest.IsEmpty) return false;
        target = end < 0 ? default : rest[end..];
        return true;
    }

    private static bool IsScheme(ReadOnlySpan<byte> text) =>
        Ascii.EqualsIgnoreCase(text, "http"u8) || Ascii.EqualsIgnoreCase(text, "https"u8)
        || Ascii.EqualsIgnoreCase(text, "ws"u8) || Ascii.EqualsIgnoreCase(text, "wss"u8);
}
