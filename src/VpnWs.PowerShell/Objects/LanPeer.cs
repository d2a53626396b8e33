using VpnWs.Ethernet;
using VpnWs.Hosting;
using VpnWs.Server;
using VpnWs.Switching.Guards;

namespace VpnWs.PowerShell;

/// <summary>Where peers are asked for, limited and removed: a server of this session, or one that runs somewhere else.</summary>
internal interface IPeerSource
{
    /// <summary>What messages call it.</summary>
    string Name { get; }

    /// <summary>All ports of its switch.</summary>
    Task<IReadOnlyList<PeerInfo>> GetPeersAsync(CancellationToken cancellationToken);

    /// <summary>Ends a peer's connection; false where there is no such peer.</summary>
    Task<bool> KillAsync(long id, CancellationToken cancellationToken);

    /// <summary>Changes what a peer may do; false where there is no such peer.</summary>
    Task<bool> ChangeLimitsAsync(long id, PortLimits change, CancellationToken cancellationToken);
}

/// <summary>A peer of a server as it was at one moment. It knows its server, so it can be removed from there.</summary>
public sealed class LanPeer
{
    private readonly PeerInfo _info;

    internal LanPeer(PeerInfo info, IPeerSource source) => (_info, Source) = (info, source);

    /// <summary>The number by which the server knows the peer.</summary>
    public long Id => _info.Id;

    /// <summary>The name of the server, or the address of its control interface.</summary>
    public string Server => Source.Name;

    /// <summary>The peer's own address; null while it is unknown.</summary>
    public MacAddress? MacAddress => _info.Mac;

    /// <summary>All its addresses: its own, and those behind a bridge.</summary>
    public IReadOnlyList<MacAddress> Addresses => _info.Mac is { } mac ? [mac, .. _info.Addresses.Where(address => address != mac)] : _info.Addresses;

    /// <summary>The user whom the web server or the server authenticated; empty for none.</summary>
    public string User => OneLine.Of(_info.RemoteUser);

    /// <summary>The subject of the peer's certificate; empty for none.</summary>
    public string DistinguishedName => OneLine.Of(_info.DistinguishedName);

    /// <summary>Where the peer connects from; empty where it is unknown.</summary>
    public string RemoteAddress => OneLine.Of(_info.RemoteAddress);

    /// <summary>How the peer is reached: uwsgi, http or tap; empty from a server that does not tell.</summary>
    public string Transport => OneLine.Of(_info.Transport);

    /// <summary>When the peer joined; null for the server's own tap, which always was there.</summary>
    public DateTime? ConnectedAt => _info.ConnectedAt == DateTimeOffset.UnixEpoch ? null : _info.ConnectedAt.LocalDateTime;

    /// <summary>How long nothing was received from it. It compares with text such as <c>1h</c>.</summary>
    public Duration IdleTime => _info.IdleTime;

    /// <summary>Bytes received from the peer.</summary>
    public long BytesReceived => _info.BytesReceived;

    /// <summary>Bytes sent to the peer.</summary>
    public long BytesSent => _info.BytesSent;

    /// <summary>Frames received from the peer; 0 from a server that does not count them.</summary>
    public long FramesReceived => _info.FramesReceived;

    /// <summary>Frames sent to the peer; 0 from a server that does not count them.</summary>
    public long FramesSent => _info.FramesSent;

    /// <summary>Frames from and to the peer that were dropped; 0 from a server that does not count them.</summary>
    public long FramesDropped => _info.FramesDropped;

    /// <summary>The dropped frames by reason.</summary>
    public IReadOnlyDictionary<string, long> Drops => _info.Drops;

    /// <summary>Whether it is a bridge: many addresses behind it.</summary>
    public bool IsBridge => _info.IsBridge;

    /// <summary>Whether it is a client of the C program's kind.</summary>
    public bool IsClassic => _info.IsClassic;

    /// <summary>Whether super-frames travel whole between it and the server.</summary>
    public bool HasOffload => _info.HasOffload;

    /// <summary>The rule that holds for it; empty where none does, and from a server that does not tell.</summary>
    public string Rule => OneLine.Of(_info.Rule);

    /// <summary>What it may do; null for the tap, and from a server that does not tell.</summary>
    public PortLimits? Limits => _info.Limits;

    /// <summary>Whether it is a bridge that is blocked for a minute because of a loop.</summary>
    public bool IsBlocked => _info.IsBlocked;

    /// <summary>Whether it is the server's own tap, which cannot be removed.</summary>
    public bool IsTap => _info.IsTap;

    /// <summary>Where it can be removed.</summary>
    internal IPeerSource Source { get; }

    /// <summary>The peer in a few words.</summary>
    public override string ToString() =>
        $"peer {Id} of {Server}{(User.Length > 0 ? $", {User}" : "")}{(MacAddress is { } mac ? $", {mac}" : "")}";
}
