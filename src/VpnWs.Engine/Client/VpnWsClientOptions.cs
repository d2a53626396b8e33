using System.Net;
using System.Security.Cryptography.X509Certificates;
using VpnWs.Taps;

namespace VpnWs.Client;

/// <summary>What a client is told before it starts; fixed once it runs.</summary>
public sealed record VpnWsClientOptions
{
    /// <summary>Where the LAN is: <c>ws://</c> or <c>wss://</c>, with <c>user:password@</c> for Basic credentials.</summary>
    public required Uri Uri { get; init; }

    /// <summary>The tap to make; null where <see cref="ExistingTap"/> is given.</summary>
    public TapOptions? Tap { get; init; }

    /// <summary>A tap that already exists; the client does not dispose it.</summary>
    public ITap? ExistingTap { get; init; }

    /// <summary>Whether to ask to be a bridge: many addresses behind this client. Default false.</summary>
    public bool Bridge { get; init; }

    /// <summary>Basic credentials; they go before those in <see cref="Uri"/>. Null for none.</summary>
    public NetworkCredential? Credentials { get; init; }

    /// <summary>The certificate to show to the server, with its private key, or null.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>The intermediate authorities to show with <see cref="ClientCertificate"/>; empty for none.</summary>
    public X509Certificate2Collection ClientCertificateChain { get; init; } = [];

    /// <summary>Authorities to trust in place of the system's; empty for the system's.</summary>
    public X509Certificate2Collection TrustedAuthorities { get; init; } = [];

    /// <summary>Whether to check the server's certificate and its host name; default true.</summary>
    public bool VerifyCertificate { get; init; } = true;

    /// <summary>The SHA-256 fingerprints, 64 hexadecimal digits each, of the server certificates that are accepted, whoever signed them and whatever host they name; with one or more, nothing else about the certificate is checked. Empty, the default, for none.</summary>
    public IReadOnlyList<string> CertificateFingerprints { get; init; } = [];

    /// <summary>The interface through which the connection leaves this machine (SO_BINDTODEVICE, Linux), whatever the routing table says; null, the default, leaves it to that.</summary>
    public string? OutgoingInterface { get; init; }

    /// <summary>The mark of the connection's packets (SO_MARK, Linux), for rules of policy routing and firewalls; needs CAP_NET_ADMIN at every connect. Null, the default, for none.</summary>
    public uint? Mark { get; init; }

    /// <summary>The HTTP proxy to use; null takes it from the environment (<c>http_proxy</c>, <c>https_proxy</c>, <c>all_proxy</c>, <c>no_proxy</c>).</summary>
    public IWebProxy? Proxy { get; init; }

    /// <summary>Headers to add to the handshake.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Whether to connect again whenever the link is lost or cannot be made; default true.</summary>
    public bool Reconnect { get; init; } = true;

    /// <summary>The longest pause between two attempts; default 30 s. The first attempt after a lost link is made at once.</summary>
    public TimeSpan MaxReconnectDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long nothing may go either way before a ping is sent; default 17 s, as in the C client.</summary>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(17);

    /// <summary>How long it may take to make a link, and to notice that one is dead; default 30 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether to offer <c>vpn-ws.offload.v1</c> and to open the tap with offload; default true.</summary>
    public bool Offload { get; init; } = true;

    /// <summary>Called once with the tap, before the first attempt to connect: the place for a hook and for dropping privileges. An exception ends the client.</summary>
    public Func<ITap, CancellationToken, Task>? TapReady { get; init; }
}
