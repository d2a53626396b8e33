using VpnWs.Ethernet;
using VpnWs.Transport;

namespace VpnWs.Server;

/// <summary>Something that happened in a server. <see cref="object.ToString"/> is the sentence for a log.</summary>
/// <param name="Level">How much it matters.</param>
public abstract record ServerEvent(EventLevel Level)
{
    /// <summary>When it happened.</summary>
    public DateTimeOffset Time { get; init; } = DateTimeOffset.Now;
}

/// <summary>The server listens on an address.</summary>
/// <param name="Address">The address, with the real port.</param>
/// <param name="Protocol"><c>uwsgi</c>, <c>http</c>, <c>https</c> or <c>control</c>.</param>
public sealed record Listening(string Address, string Protocol) : ServerEvent(EventLevel.Debug)
{
    /// <inheritdoc/>
    public override string ToString() => $"listening on {Address} ({Protocol})";
}

/// <summary>A peer finished its handshake and is a port of the switch.</summary>
/// <param name="Peer">The peer as it joined.</param>
public sealed record PeerJoined(PeerInfo Peer) : ServerEvent(EventLevel.Information)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"peer {Peer.Id} joined{ServerEventText.Who(Peer)} over {Peer.Transport}{(Peer.Mac is { } mac ? $", MAC {mac}" : "")}{(Peer.IsBridge ? ", bridge" : "")}{(Peer.HasOffload ? ", offload" : "")}{(Peer.IsClassic ? ", classic" : "")}";
}

/// <summary>A peer is no longer a port of the switch.</summary>
/// <param name="Peer">The peer as it was at the end, with its traffic.</param>
/// <param name="Reason">Why, in words.</param>
public sealed record PeerLeft(PeerInfo Peer, string Reason) : ServerEvent(EventLevel.Information)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"peer {Peer.Id} left{ServerEventText.Who(Peer)}{(Peer.Mac is { } mac ? $", MAC {mac}" : "")}: {Reason}; here for {ServerEventText.Duration(Time - Peer.ConnectedAt)}, received {Peer.BytesReceived} bytes, sent {Peer.BytesSent}, dropped {Peer.FramesDropped} frames";
}

/// <summary>A connection did not become a peer.</summary>
/// <param name="RemoteAddress">Where it came from, or empty.</param>
/// <param name="Reason">Why, in words.</param>
public sealed record PeerRefused(string RemoteAddress, string Reason) : ServerEvent(EventLevel.Warning)
{
    /// <inheritdoc/>
    public override string ToString() => $"refused a connection{(RemoteAddress.Length > 0 ? $" from {RemoteAddress}" : "")}: {Reason}";
}

/// <summary>More connections were refused than are worth an event each.</summary>
/// <param name="Count">How many had none.</param>
public sealed record RefusalsLeftOut(long Count) : ServerEvent(EventLevel.Warning)
{
    /// <inheritdoc/>
    public override string ToString() => $"refused {Count} more connections in the last seconds";
}

/// <summary>Frames are dropped for a bound: of one peer's queue or addresses, or of all queues together. Told once in ten seconds, for the five worst peers.</summary>
/// <param name="PeerId">The peer, or null for all together.</param>
/// <param name="Limit">What is bounded, in words.</param>
/// <param name="Dropped">How many frames were dropped for it since the last telling; 0 for all together.</param>
public sealed record LimitReached(long? PeerId, string Limit, long Dropped) : ServerEvent(EventLevel.Warning)
{
    /// <inheritdoc/>
    public override string ToString() => PeerId is { } id ? $"dropped {Dropped} frames of peer {id}: {Limit}" : Limit;
}

/// <summary>A peer used an address that another live peer holds; its frames from it are dropped.</summary>
/// <param name="Address">The address.</param>
/// <param name="HolderId">The port that keeps it.</param>
/// <param name="ClaimantId">The port that wants it.</param>
public sealed record AddressConflict(MacAddress Address, long HolderId, long ClaimantId) : ServerEvent(EventLevel.Warning)
{
    /// <inheritdoc/>
    public override string ToString() => $"peer {ClaimantId} uses MAC {Address}, which peer {HolderId} holds: its frames are dropped";
}

/// <summary>An address passed from one port to another.</summary>
/// <param name="Address">The address.</param>
/// <param name="FromId">The port that had it.</param>
/// <param name="ToId">The port that has it now.</param>
/// <param name="Reason">Why, in words.</param>
public sealed record AddressPassed(MacAddress Address, long FromId, long ToId, string Reason) : ServerEvent(EventLevel.Information)
{
    /// <inheritdoc/>
    public override string ToString() => $"MAC {Address} passed from peer {FromId} to peer {ToId}: {Reason}";
}

/// <summary>A port was seen with an address for the first time.</summary>
/// <param name="Address">The address.</param>
/// <param name="PortId">The port.</param>
public sealed record AddressLearned(MacAddress Address, long PortId) : ServerEvent(EventLevel.Debug)
{
    /// <inheritdoc/>
    public override string ToString() => $"learned MAC {Address} on port {PortId}";
}

/// <summary>The server's tap is gone; the peers go on without it, and it is opened again when it can be.</summary>
/// <param name="Name">The interface.</param>
/// <param name="Reason">Why, in words.</param>
public sealed record TapLost(string Name, string Reason) : ServerEvent(EventLevel.Error)
{
    /// <inheritdoc/>
    public override string ToString() => $"lost the tap {Name}: {Reason}; trying to open it again";
}

/// <summary>The server's tap could not be opened again; further attempts follow without being told.</summary>
/// <param name="Name">The interface.</param>
/// <param name="Reason">Why, in words.</param>
public sealed record TapReopenFailed(string Name, string Reason) : ServerEvent(EventLevel.Error)
{
    /// <inheritdoc/>
    public override string ToString() => $"the tap {Name} cannot be opened again for now: {Reason}";
}

/// <summary>The server's tap is back.</summary>
/// <param name="Name">The interface.</param>
public sealed record TapRestored(string Name) : ServerEvent(EventLevel.Information)
{
    /// <inheritdoc/>
    public override string ToString() => $"the tap {Name} is back; addresses and bridge set by a hook must be set again";
}

/// <summary>A listener cannot accept connections for now.</summary>
/// <param name="Reason">Why, in words.</param>
public sealed record ListenerFault(string Reason) : ServerEvent(EventLevel.Error)
{
    /// <inheritdoc/>
    public override string ToString() => Reason;
}

internal static class ServerEventText
{
    public static string Duration(TimeSpan time) => time < TimeSpan.FromMinutes(1) ? $"{Math.Max(0, time.Seconds)} s"
        : time < TimeSpan.FromDays(1) ? $"{time:h\\:mm\\:ss}"
        : $"{time:d\\.hh\\:mm\\:ss}";

    public static string Who(PeerInfo peer)
    {
        var address = peer.RemoteAddress.Length > 0 ? $" from {peer.RemoteAddress}" : "";
        var user = peer.RemoteUser.Length > 0 ? $" as {peer.RemoteUser}" : "";
        return peer.DistinguishedName.Length > 0 ? $"{address}{user} ({peer.DistinguishedName})" : address + user;
    }
}
