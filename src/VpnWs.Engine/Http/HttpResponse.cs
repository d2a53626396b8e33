using System.Globalization;
using System.Text;

namespace VpnWs.Http;

/// <summary>Builds answers to a handshake as bytes: status line, header and, for a refusal, a short text (RFC 9112 section 4).</summary>
internal static class HttpResponse
{
    /// <summary>What a browser says the password is for.</summary>
    public const string Realm = "vpn-ws";

    /// <summary>The answer that a verdict asks for.</summary>
    public static byte[] For(HandshakeVerdict verdict) => verdict switch
    {
        HandshakeVerdict.Accepted accepted => SwitchingProtocols(accepted.Accept, accepted.Protocol, accepted.BridgeAnswer),
        HandshakeVerdict.Refused refused => Error(refused.Status, refused.Explanation),
        _ => throw new ArgumentException("A verdict is an acceptance or a refusal.", nameof(verdict)),
    };

    /// <summary>The answer that ends a handshake well (RFC 6455 section 4.2.2). It picks no extension.</summary>
    /// <param name="accept">The value of <c>Sec-WebSocket-Accept</c>.</param>
    /// <param name="protocol">The picked subprotocol, or null for none.</param>
    /// <param name="bridge">Whether the wish to be a bridge was granted; null says nothing about it.</param>
    public static byte[] SwitchingProtocols(string accept, string? protocol, bool? bridge)
    {
        var head = Head(101)
            .Field("Upgrade", "websocket")
            .Field("Connection", "Upgrade")
            .Field("Sec-WebSocket-Accept", accept);
        if (protocol is not null) head.Field("Sec-WebSocket-Protocol", protocol);
        if (bridge is not null) head.Field("X-vpn-ws-bridge", bridge.Value ? "on" : "off");
        return Encoding.UTF8.GetBytes(head.Append("\r\n").ToString());
    }

    /// <summary>A refusal, after which the connection ends. What a status obliges to (401: a challenge for Basic credentials, 405: <c>Allow</c>, 426: <c>Upgrade</c> and the version) is added.</summary>
    /// <param name="status">The status code, 400 to 599.</param>
    /// <param name="explanation">One sentence for the human at the other end.</param>
    /// <param name="headers">Further header fields.</param>
    /// <exception cref="ArgumentException">A header field holds a line break.</exception>
    public static byte[] Error(int status, string explanation, params ReadOnlySpan<(string Name, string Value)> headers)
    {
        var body = explanation + "\n";
        var head = Head(status).Field("Connection", status == 426 ? "close, Upgrade" : "close");
        if (status == 401) head.Field("WWW-Authenticate", $"Basic realm=\"{Realm}\", charset=\"UTF-8\"");
        if (status == 405) head.Field("Allow", "GET");
        if (status == 426) head.Field("Upgrade", "websocket").Field("Sec-WebSocket-Version", "13");
        foreach (var (name, value) in headers) head.Field(name, value);
        head.Field("Content-Type", "text/plain; charset=utf-8")
            .Field("Content-Length", Encoding.UTF8.GetByteCount(body).ToString(CultureInfo.InvariantCulture))
            .Append("\r\n")
            .Append(body);
        return Encoding.UTF8.GetBytes(head.ToString());
    }

    private static StringBuilder Head(int status) =>
        new StringBuilder("HTTP/1.1 ").Append(CultureInfo.InvariantCulture, $"{status} {Reason(status)}\r\n");

    private static StringBuilder Field(this StringBuilder head, string name, string value)
    {
        if (name.AsSpan().ContainsAny('\r', '\n') || value.AsSpan().ContainsAny('\r', '\n'))
            throw new ArgumentException("A header field is one line.", nameof(value));
        return head.Append(name).Append(": ").Append(value).Append("\r\n");
    }

    private static string Reason(int status) => status switch
    {
        101 => "Switching Protocols",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        409 => "Conflict",
        426 => "Upgrade Required",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        505 => "HTTP Version Not Supported",
        _ => "",
    };
}
