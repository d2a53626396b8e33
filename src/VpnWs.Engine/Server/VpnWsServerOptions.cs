using System.Net;
using System.Net.Security;
using VpnWs.Switching.Guards;
using VpnWs.Taps;
using VpnWs.Transport;

namespace VpnWs.Server;

/// <summary>What a server is told before it starts; fixed once it runs.</summary>
public sealed record VpnWsServerOptions
{
    /// <summary>Where web servers reach us over the uwsgi protocol. Trusted: whoever connects may use the control interface.</summary>
    public IReadOnlyList<ListenAddress> UwsgiAddresses { get; init; } = [];

    /// <summary>Where WebSocket clients reach us directly over HTTP/1.1. Untrusted.</summary>
    public IReadOnlyList<ListenAddress> HttpAddresses { get; init; } = [];

    /// <summary>
    /// Makes the HTTP addresses speak TLS (<c>wss</c>): asked before every handshake for the certificate and what else TLS needs, so that a new
    /// certificate serves from the next connection on. Best the same object as long as nothing changes. Null, the default, is plain HTTP.
    /// </summary>
    /// <remarks>An asked-for client certificate fills the peer's distinguished name. Renegotiation stays off.</remarks>
    public Func<SslServerAuthenticationOptions>? HttpTls { get; init; }

    /// <summary>
    /// Checks the user and password (Basic, RFC 7617) of those who come over HTTP; who fails is answered 401, a second later where they were wrong.
    /// The user becomes the peer's. Null, the default, asks for none.
    /// </summary>
    public Func<string, string, CancellationToken, ValueTask<bool>>? HttpPassword { get; init; }

    /// <summary>
    /// The HTTP proxies from which alone <c>X-Forwarded-For</c>, <c>X-Remote-User</c> and <c>X-Client-DN</c> are believed; empty, the default, for
    /// none. Whom such a proxy names as a user is not asked for a password again.
    /// </summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>The origins (RFC 6454, such as <c>https://example.com</c>) whose pages may connect over HTTP; others are answered 403. Empty, the default, allows all. Who is no browser sends no origin and is not affected.</summary>
    public IReadOnlyList<string> HttpOrigins { get; init; } = [];

    /// <summary>The one path that is served over HTTP, such as <c>/vpn</c>; others are answered 404. Null, the default, serves every path.</summary>
    public string? HttpPath { get; init; }

    /// <summary>Where the control interface alone is served, over HTTP and uwsgi alike: Unix sockets, which are made with the rights 0600, or loopback addresses. Whoever can connect may end connections; requests that a web page has made are refused.</summary>
    public IReadOnlyList<ListenAddress> ControlAddresses { get; init; } = [];

    /// <summary>The access rights of a Unix socket that we make, as <c>chmod</c> takes them; default 0666 (octal), as the C server does.</summary>
    public UnixFileMode SocketMode { get; init; } = (UnixFileMode)0b110_110_110;

    /// <summary>The tap that the server itself has on the LAN; null for none.</summary>
    public TapOptions? Tap { get; init; }

    /// <summary>A tap that already exists, in place of <see cref="Tap"/>; the server does not dispose it.</summary>
    public ITap? ExistingTap { get; init; }

    /// <summary>Whether the server's tap is a bridge port: many addresses behind it, and frames to unknown addresses go there. Default false.</summary>
    public bool Bridge { get; init; }

    /// <summary>Port isolation: peers reach the server's tap and bridge ports, not each other. Default false.</summary>
    public bool Isolate { get; init; }

    /// <summary>Whether broadcasts are flooded; where not, they go where a frame to an unknown address goes: to bridge ports. Default true.</summary>
    public bool Broadcast { get; init; } = true;

    /// <summary>Whether multicasts are flooded; where not, as with <see cref="Broadcast"/>. Default true.</summary>
    public bool Multicast { get; init; } = true;

    /// <summary>Whether 01:80:c2:00:00:00 to 0f (spanning tree, pause, LLDP) are flooded like other multicasts. Default false (IEEE 802.1D section 7.12.6).</summary>
    public bool ForwardReserved { get; init; }

    /// <summary>Whether peers that ask to be bridges may; null grants it over uwsgi and refuses it over HTTP.</summary>
    public bool? PeerBridge { get; init; }

    /// <summary>What each peer may do, by its user or certificate. They decide who may be a bridge, in place of <see cref="PeerBridge"/>. Null, the default, for no rules.</summary>
    public PeerRules? Rules { get; init; }

    /// <summary>How many broadcasts and multicasts a peer that is no bridge may send in a second, where no rule says otherwise; default 1,000; 0 for any number.</summary>
    public long StormLimit { get; init; } = 1000;

    /// <summary>How long learned addresses are kept without a frame from them; default 300 s (IEEE 802.1D table 7-5).</summary>
    public TimeSpan AgeingTime { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>How many addresses a bridge port may hold; default 1,024.</summary>
    public int MaxAddressesPerBridge { get; init; } = 1024;

    /// <summary>How many addresses the forwarding table may hold before bridge ports learn no more; default 65,536. A peer that is no bridge always has its one.</summary>
    public int MaxAddresses { get; init; } = 65_536;

    /// <summary>How many peers may be connected at once; default 16,384. More are answered 503.</summary>
    public int MaxPeers { get; init; } = 16_384;

    /// <summary>
    /// How many peers may be connected from one address at once; default 4,096. More are answered 429. The address is that of the client: behind a proxy the one that
    /// a uwsgi server or a trusted proxy tells, and of IPv6 the /64. Where it is not known, or is this machine's own, no limit for addresses holds.
    /// </summary>
    public int MaxPeersPerAddress { get; init; } = 4096;

    /// <summary>How many peers may be connected as one user, or with one certificate, at once; default 4,096. More are answered 429.</summary>
    public int MaxPeersPerUser { get; init; } = 4096;

    /// <summary>
    /// How many connections may be in their handshake at once, at the HTTP addresses together and at the uwsgi addresses together; default 1,024. When there are more, one
    /// whose head has been coming for 2 s makes way; where there is none, the new one is closed.
    /// </summary>
    public int MaxHandshakes { get; init; } = 1024;

    /// <summary>How many connections from one address may be in their handshake at once; default 256. More are closed, or answered 429 where a proxy is between.</summary>
    public int MaxHandshakesPerAddress { get; init; } = 256;

    /// <summary>How many connections a second may come from one address over time, ten seconds' worth of them at once; default 200. More are closed, or answered 429 where a proxy is between.</summary>
    public int HandshakeRatePerAddress { get; init; } = 200;

    /// <summary>How many requests to the control interface may be under way at once; default 32. More are answered 503.</summary>
    public int MaxControlRequests { get; init; } = 32;

    /// <summary>How long a peer may be silent before it is pinged; default 20 s; zero pings nobody.</summary>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long a pinged peer may stay silent before its connection is closed; default 20 s.</summary>
    public TimeSpan PingTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long a request head may take from the first byte of the connection; default 10 s.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a request head may be, in bytes; default 16,384.</summary>
    public int MaxHeadLength { get; init; } = 16_384;

    /// <summary>The bound of the bytes that wait to be sent to one peer; default 1 MiB. Over it frames for that peer are dropped and counted.</summary>
    public int OutboxLimit { get; init; } = 1024 * 1024;

    /// <summary>The bound of the memory that the queues of all peers hold together, in bytes; default 256 MiB. Beyond it each peer may queue 64 KiB still.</summary>
    public long TotalOutboxLimit { get; init; } = 256 * 1024 * 1024;

    /// <summary>Whether to speak <c>vpn-ws.offload.v1</c> with clients that offer it and to open the tap with offload; default true.</summary>
    public bool Offload { get; init; } = true;

    /// <summary>Called once after binding and making the tap, before any peer is served, with the tap or null: the place for a hook and for dropping privileges. An exception undoes the start.</summary>
    public Func<ITap?, CancellationToken, Task>? Ready { get; init; }
}
