using System.Buffers;
using System.Text;
using VpnWs.WebSockets;

namespace VpnWs.Http;

/// <summary>Gathers from the header lines of one request what a handshake needs (RFC 6455 section 4.2.1); the rest is passed over.</summary>
internal sealed class HeaderFields
{
    private static readonly SearchValues<byte> HostBytes = // RFC 3986 section 3.2.2, and the colon before the port
        SearchValues.Create("-._~%!$&'()*+,;=:[]0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private readonly List<string> _protocols = [];
    private string? _host, _key, _version, _origin, _authorization, _mac, _bridge, _fetchSite, _forwardedFor, _forwardedUser, _forwardedName;
    private bool _connection, _upgrade;

    /// <summary>Takes one header line, without its CRLF.</summary>
    /// <returns>Null where the line is right, else what is wrong.</returns>
    public HeadError? Add(ReadOnlySpan<byte> line)
    {
        var colon = line.IndexOf((byte)':');
        if (colon <= 0 || line[..colon].ContainsAnyExcept(RequestLine.TokenBytes))
            return new HeadError(400, "A header line does not begin with a name and a colon.");
        return Add(line[..colon], line[(colon + 1)..].Trim(" \t"u8));
    }

    /// <summary>What the lines say once all were added, for a head that asks for this target.</summary>
    /// <returns>Null where a field that must be there is missing.</returns>
    public HandshakeRequest? ToRequest(string path, string query) => _host is null ? null : new HandshakeRequest
    {
        Path = path,
        Query = query,
        WantsUpgrade = _connection && _upgrade,
        Key = _key,
        Version = _version,
        Protocols = _protocols,
        Origin = _origin,
        Authorization = _authorization,
        DeclaredMac = _mac,
        IsFromWebPage = _origin is not null || _fetchSite is not (null or "none"),
        ForwardedFor = _forwardedFor,
        ForwardedUser = _forwardedUser,
        ForwardedName = _forwardedName,
        Host = _host,
        WantsBridge = string.Equals(_bridge, "on", StringComparison.OrdinalIgnoreCase),
    };

    private HeadError? Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (Is(name, "Host"u8))
            return value.ContainsAnyExcept(HostBytes) ? new HeadError(400, "The Host header is not a host.") : Once(ref _host, value);
        if (Is(name, "Connection"u8)) _connection |= HeadText.HasItem(HeadText.Decode(value), "upgrade");
        else if (Is(name, "Upgrade"u8)) _upgrade |= HeadText.HasItem(HeadText.Decode(value), "websocket");
        else if (Is(name, "Sec-WebSocket-Protocol"u8)) _protocols.AddRange(HeadText.Items(HeadText.Decode(value)));
        else if (Is(name, "Sec-WebSocket-Key"u8)) return Once(ref _key, value);
        else if (Is(name, "Sec-WebSocket-Version"u8)) return Once(ref _version, value);
        else if (Is(name, "Origin"u8)) return Once(ref _origin, value);
        else if (Is(name, "Authorization"u8)) return Once(ref _authorization, value);
        else if (Is(name, "X-vpn-ws-MAC"u8)) return Once(ref _mac, value);
        else if (Is(name, "X-vpn-ws-bridge"u8)) return Once(ref _bridge, value);
        else if (Is(name, "Sec-Fetch-Site"u8)) return Once(ref _fetchSite, value);
        else if (Is(name, "X-Remote-User"u8)) return Once(ref _forwardedUser, value);
        else if (Is(name, "X-Client-DN"u8)) return Once(ref _forwardedName, value);
        else if (Is(name, "X-Forwarded-For"u8)) _forwardedFor = _forwardedFor is null ? HeadText.Decode(value) : $"{_forwardedFor}, {HeadText.Decode(value)}";
        else if (Is(name, "Transfer-Encoding"u8) || (Is(name, "Content-Length"u8) && !IsZero(value)))
            return new HeadError(400, "A WebSocket handshake has no body.");
        return null;
    }

    private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> known) => Ascii.EqualsIgnoreCase(name, known);

    private static bool IsZero(ReadOnlySpan<byte> value) => !value.IsEmpty && !value.ContainsAnyExcept((byte)'0');

    // Two values would let this program and a proxy before it each believe another one.
    private static HeadError? Once(ref string? field, ReadOnlySpan<byte> value)
    {
        if (field is not null) return new HeadError(400, "A header that may be there once is there twice.");
        field = HeadText.Decode(value);
        return null;
    }
}
