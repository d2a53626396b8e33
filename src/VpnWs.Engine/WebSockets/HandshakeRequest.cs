using VpnWs.Ethernet;

namespace VpnWs.WebSockets;

/// <summary>What a request head says that matters here, however it arrived: over the uwsgi protocol or as an HTTP/1.1 head.</summary>
internal sealed record HandshakeRequest
{
    /// <summary>The uwsgi packet's modifier1: 0 is the data plane, 1 the control interface. Always 0 over HTTP.</summary>
    public byte Modifier1 { get; init; }

    /// <summary>The request method, <c>GET</c> where the head names none.</summary>
    public string Method { get; init; } = "GET";

    /// <summary>The path of the request target, without the query.</summary>
    public string Path { get; init; } = "/";

    /// <summary>The query, without its question mark; empty where there is none.</summary>
    public string Query { get; init; } = "";

    /// <summary>Whether the head asks for an upgrade to <c>websocket</c> (RFC 6455 section 4.2.1). Over uwsgi a key is enough: proxies may eat the hop-by-hop headers.</summary>
    public bool WantsUpgrade { get; init; }

    /// <summary><c>Sec-WebSocket-Key</c>, or null.</summary>
    public string? Key { get; init; }

    /// <summary><c>Sec-WebSocket-Version</c>, or null: a classic peer (WIRE section 5) sends none.</summary>
    public string? Version { get; init; }

    /// <summary>The names offered in <c>Sec-WebSocket-Protocol</c>, in the client's order.</summary>
    public IReadOnlyList<string> Protocols { get; init; } = [];

    /// <summary><c>Origin</c>, which only browsers send, or null.</summary>
    public string? Origin { get; init; }

    /// <summary><c>Authorization</c>, or null.</summary>
    public string? Authorization { get; init; }

    /// <summary>Whether a browser sent this for a page; it then says so with <c>Origin</c> or <c>Sec-Fetch-Site</c>.</summary>
    public bool IsFromWebPage { get; init; }

    /// <summary><c>Host</c>, or null.</summary>
    public string? Host { get; init; }

    /// <summary>The text of <c>X-vpn-ws-MAC</c>, or null; not yet parsed, so that a wrong one can be answered.</summary>
    public string? DeclaredMac { get; init; }

    /// <summary>Whether <c>X-vpn-ws-bridge</c> is <c>on</c>.</summary>
    public bool WantsBridge { get; init; }

    /// <summary><c>X-Forwarded-For</c>, or null. Anybody can write it; it counts only from a proxy that is trusted, as do the next two.</summary>
    public string? ForwardedFor { get; init; }

    /// <summary><c>X-Remote-User</c>, or null.</summary>
    public string? ForwardedUser { get; init; }

    /// <summary><c>X-Client-DN</c>, or null.</summary>
    public string? ForwardedName { get; init; }

    /// <summary>The client's address as the proxy tells it (<c>REMOTE_ADDR</c>), or null.</summary>
    public string? RemoteAddress { get; init; }

    /// <summary>The user whom the proxy authenticated (<c>REMOTE_USER</c>), or null. Never set by an HTTP head.</summary>
    public string? RemoteUser { get; init; }

    /// <summary>The subject of the client's certificate (<c>HTTPS_DN</c>, else <c>DN</c>), or null. Never set by an HTTP head.</summary>
    public string? DistinguishedName { get; init; }

    /// <summary>Whether this is the C program's client or one like it: a handshake without <c>Sec-WebSocket-Version</c>.</summary>
    public bool IsClassic => Version is null;

    /// <summary>The declared address, or null where there is none or it does not parse.</summary>
    public MacAddress? Mac => MacAddress.TryParse(DeclaredMac, out var mac) ? mac : null;
}
