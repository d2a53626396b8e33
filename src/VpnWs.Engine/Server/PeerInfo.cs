using System.Collections.ObjectModel;
using VpnWs.Ethernet;
using VpnWs.Switching.Guards;

namespace VpnWs.Server;

/// <summary>What a server tells of one of its peers, or of its own tap, at one moment.</summary>
public sealed record PeerInfo
{
    /// <summary>The number by which the server knows the peer, positive; it is what the control interface's <c>kill</c> takes.</summary>
    public long Id { get; init; }

    /// <summary>The peer's own address, declared or learned; null while it is unknown.</summary>
    public MacAddress? Mac { get; init; }

    /// <summary>Where the peer connects from, as the web server or the socket tells it; empty where it is unknown.</summary>
    public string RemoteAddress { get; init; } = "";

    /// <summary>The user whom the web server authenticated; empty for none.</summary>
    public string RemoteUser { get; init; } = "";

    /// <summary>The subject of the peer's certificate; empty for none.</summary>
    public string DistinguishedName { get; init; } = "";

    /// <summary>When the peer joined. The control interface tells it to the second.</summary>
    public DateTimeOffset ConnectedAt { get; init; } = DateTimeOffset.UnixEpoch;

    /// <summary>Whether the peer is a bridge: many addresses behind it.</summary>
    public bool IsBridge { get; init; }

    /// <summary>The addresses behind a bridge, besides <see cref="Mac"/>.</summary>
    public IReadOnlyList<MacAddress> Addresses { get; init; } = [];

    /// <summary>Bytes sent to the peer.</summary>
    public long BytesSent { get; init; }

    /// <summary>Bytes received from the peer.</summary>
    public long BytesReceived { get; init; }

    /// <summary>Ethernet frames sent to the peer; 0 from a server that does not count them.</summary>
    public long FramesSent { get; init; }

    /// <summary>Ethernet frames received from the peer; 0 from a server that does not count them.</summary>
    public long FramesReceived { get; init; }

    /// <summary>Ethernet frames to or from the peer that were dropped; 0 from a server that does not count them.</summary>
    public long FramesDropped { get; init; }

    /// <summary>The dropped frames by reason; only reasons that occurred.</summary>
    public IReadOnlyDictionary<string, long> Drops { get; init; } = ReadOnlyDictionary<string, long>.Empty;

    /// <summary>How long nothing was received from the peer.</summary>
    public TimeSpan IdleTime { get; init; }

    /// <summary>How the peer is reached: <c>uwsgi</c>, <c>http</c>, <c>https</c> or <c>tap</c>; empty from a server that does not tell.</summary>
    public string Transport { get; init; } = "";

    /// <summary>Whether the peer is the C program's client or one like it: its handshake had no <c>Sec-WebSocket-Version</c>.</summary>
    public bool IsClassic { get; init; }

    /// <summary>Whether <c>vpn-ws.offload.v1</c> is spoken with the peer.</summary>
    public bool HasOffload { get; init; }

    /// <summary>The rule that holds for the peer; empty where none does, and from a server that does not tell.</summary>
    public string Rule { get; init; } = "";

    /// <summary>What the peer may do; null for the tap, and from a server that does not tell.</summary>
    public PortLimits? Limits { get; init; }

    /// <summary>Whether it is a bridge that is blocked for a while because of a loop.</summary>
    public bool IsBlocked { get; init; }

    /// <summary>Whether this is the server's own tap, which cannot be killed.</summary>
    public bool IsTap { get; init; }
}
