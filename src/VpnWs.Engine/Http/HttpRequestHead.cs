using System.Buffers;
using VpnWs.WebSockets;

namespace VpnWs.Http;

/// <summary>
/// Reads the head of an HTTP/1.1 upgrade request (RFC 9112 sections 2 to 5, RFC 6455 section 4.2.1). It keeps no state: it is given
/// all bytes so far each time, and allocates nothing until they are a whole head. An error once found stays, whatever follows.
/// </summary>
internal static class HttpRequestHead
{
    // Tabs may stand in a field value (RFC 9110 section 5.5); other control characters may not.
    private static readonly SearchValues<byte> Controls = SearchValues.Create(
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 127]);

    /// <summary>Reads a head from all bytes that have come so far.</summary>
    /// <param name="input">The bytes from the start of the connection; bytes after the head are the peer's first frames and are left alone.</param>
    /// <param name="maxLength">The longest head, in bytes, that is taken.</param>
    /// <param name="request">What the head says, where it is complete.</param>
    /// <param name="consumed">The length of the head where it is complete, else 0.</param>
    /// <param name="error">What to answer where the head is malformed or too large: 400, 405, 431 or 505.</param>
    public static HeadParseStatus TryParse(
        ReadOnlySpan<byte> input, int maxLength, out HandshakeRequest? request, out int consumed, out HeadError? error)
    {
        request = null;
        consumed = 0;
        error = null;
        var window = input[..Math.Min(input.Length, maxLength)];

        // RFC 9112 section 2.2: one empty line before the request is overlooked.
        var start = window.StartsWith("\r\n"u8) ? 2 : 0;
        var head = window[start..];
        var end = head.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            error = window.SequenceEqual("\r"u8) ? null : CheckPart(head);
            if (error is not null) return HeadParseStatus.Malformed;
            if (input.Length < maxLength) return HeadParseStatus.NeedMoreData;
            error = HeadError.TooLarge(maxLength);
            return HeadParseStatus.TooLarge;
        }

        error = Read(head[..(end + 2)], out request);
        if (error is not null) return HeadParseStatus.Malformed;
        consumed = start + end + 4;
        return HeadParseStatus.Complete;
    }

    private static HeadError? CheckPart(ReadOnlySpan<byte> part)
    {
        var lineEnd = part.IndexOf("\r\n"u8);
        var error = lineEnd < 0 ? RequestLine.CheckStart(part) : RequestLine.Parse(part[..lineEnd], out _, out _);
        return error ?? CheckControls(part);
    }

    private static HeadError? Read(ReadOnlySpan<byte> lines, out HandshakeRequest? request)
    {
        request = null;
        var lineEnd = lines.IndexOf("\r\n"u8);
        var error = RequestLine.Parse(lines[..lineEnd], out var path, out var query) ?? CheckControls(lines);
        var fields = new HeaderFields();
        for (var rest = lines[(lineEnd + 2)..]; error is null && !rest.IsEmpty; rest = rest[(lineEnd + 2)..])
        {
            lineEnd = rest.IndexOf("\r\n"u8);
            error = fields.Add(rest[..lineEnd]);
        }

        if (error is not null) return error;
        request = fields.ToRequest(HeadText.Decode(path), HeadText.Decode(query));
        return request is null ? new HeadError(400, "The request has no Host header.") : null;
    }

    private static HeadError? CheckControls(ReadOnlySpan<byte> part)
    {
        while (true)
        {
            var at = part.IndexOfAny(Controls);
            if (at < 0) return null;
            var isLineEnd = part[at] == '\r' && (at + 1 == part.Length || part[at + 1] == '\n');
            if (!isLineEnd) return new HeadError(400, "The request head has a control character, or a line that does not end with CRLF.");
            if (at + 1 == part.Length) return null;
            part = part[(at + 2)..];
        }
    }
}
