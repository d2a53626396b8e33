using VpnWs.Ethernet;
using VpnWs.Switching;
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
    /// <summary>The dropped frames by reason, such as <c>addressSpoofed 10, stormLimited 2</c>: whoever leaves soon is told of by no <see cref="GuardHit"/>. Empty for none.</summary>
    public string Drops => string.Join(", ", Peer.Drops.Select(static drop => $"{drop.Key} {drop.Value}"));

    /// <inheritdoc/>
    public override string ToString() =>
        $"peer {Peer.Id} left{ServerEventText.Who(Peer)}{(Peer.Mac is { } mac ? $", MAC {mac}" : "")}: {Reason}; here for {ServerEventText.Duration(Time - Peer.ConnectedAt)}, received {Peer.BytesReceived} bytes, sent {Peer.BytesSent}, dropped {Peer.FramesDropped} frames{(Drops.Length > 0 ? $" ({Drops})" : "")}";
}

/// <summary>An administrator ended a peer's connection; <see cref="PeerLeft"/> follows.</summary>
/// <param name="Peer">The peer as it was.</param>
public sealed record PeerKicked(PeerInfo Peer) : ServerEvent(EventLevel.Warning)
{
    /// <inheritdoc/>
    public override string ToString() => $"peer {Peer.Id}{ServerEventText.Who(Peer)} is removed by an administrator";
}

/// <summary>An administrator changed what a peer may do.</summary>
/// <param name="Peer">The peer, with its new limits.</param>
public sealed record LimitsChanged(PeerInfo Peer) : ServerEvent(EventLevel.Warning)
{
    /// <inheritdoc/>
    public override string ToString() => $"the limits of peer {Peer.Id}{ServerEventText.Who(Peer)} are now {Peer.Limits}";
}

/// <summary>Other rules are in force.</summary>
/// <param name="Rules">How many rules there are.</param>
/// <param name="Changed">For how many of the connected peers something changed.</param>
/// <param name="Denied">How many of these are kept out now.</param>
public sealed record RulesChanged(int Rules, int Changed, int Denied) : ServerEvent(EventLevel.Information)
{
    /// <inheritdoc/>
    public override string ToString() => $"new rules: {Rules}; they change what {Changed} connected peers may do{(Denied > 0 ? $", and keep {Denied} of them out" : "")}";
}

/// <summary>Frames of a peer did not pass a guard or limit. Told at once, and of more of the same every ten seconds.</summary>
/// <param name="Peer">The peer.</param>
/// <param name="Reason">Which guard.</param>
/// <param name="Count">How many frames since the last time.</param>
public sealed record GuardHit(PeerInfo Peer, DropReason Reason, long Count) : ServerEvent(EventLevel.Warning)
{
    /// <summary>The reason as counters and the control interface spell it, such as <c>dhcpGuarded</c>.</summary>
    public string Guard => DropReasonNames.Of(Reason);

    /// <inheritdoc/>
    public override string ToString() => $"dropped {Count} frames of peer {Peer.Id}{ServerEventText.Who(Peer)}: {ServerEventText.Explain(Reason)}";
}

/// <summary>A MAC address went between two ports too often: for a minute it stays with the one that has it.</summary>
/// <param name="Address">The address.</param>
/// <param name="HolderId">The port that has it.</param>
/// <param name="ClaimantId">The port that wants it.</param>
public sealed record AddressFrozen(MacAddress Address, long HolderId, long ClaimantId) : ServerEvent(EventLevel.Warning)
{
    /// <inheritdoc/>
    public override string ToString() => $"MAC {Address} went between peers {HolderId} and {ClaimantId} too often: it stays with {HolderId} for a minute";
}

/// <summary>Frames of other ports came back from a bridge: it is a second way into the same network, and blocked for a minute.</summary>
/// <param name="PortId">The port.</param>
public sealed record PortBlocked(long PortId) : ServerEvent(EventLevel.Error)
{
    /// <inheritdoc/>
    public override string ToString() => $"bridge peer {PortId} brings back what others sent: there is a loop, and the peer is blocked for a minute";
}

/// <summary>A blocked bridge is tried again.</summary>
/// <param name="PortId">The port.</param>
public sealed record PortUnblocked(long PortId) : ServerEvent(EventLevel.Information)
{
    /// <inheritdoc/>
    public override string ToString() => $"bridge peer {PortId} is no longer blocked";
}

/// <summary>A connection did not become a peer.</summary>
/// <param name="RemoteAddress">Where it came from, or empty.</param>
/// <param name="Reason">Why, in words.</param>
public sealed record PeerRefused(string RemoteAddress, string Reason) : ServerEvent(EventLevel.Warning)
{
    /// <summary>The user that it proved to be; empty where there was no proof, whatever name it gave.</summary>
    public string RemoteUser { get; init; } = "";

    /// <summary>The subject of the certificate that it proved to have; empty for none.</summary>
    public string DistinguishedName { get; init; } = "";

    /// <inheritdoc/>
    public override string ToString() => $"refused a connection{ServerEventText.Who(RemoteAddress, RemoteUser, DistinguishedName)}: {Reason}";
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

/// <summary>The server's tap is gone; the peers go on without it.</summary>
/// <param name="Name">The interface.</param>
/// <param name="Reason">Why, in words.</param>
public sealed record TapLost(string Name, string Reason) : ServerEvent(EventLevel.Error)
{
    /// <summary>Whether it is opened again: true, unless it was made by somebody else and given ready.</summary>
    public bool IsReopened { get; init; } = true;

    /// <inheritdoc/>
    public override string ToString() => $"lost the tap {Name}: {Reason}; {(IsReopened ? "trying to open it again" : "whoever made it has to make another one and start the server with that")}";
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

/// <summary>So many events came while a handler was slow that there was no room for the oldest.</summary>
/// <param name="Count">How many were dropped since this was last told.</param>
public sealed record EventsLost(long Count) : ServerEvent(EventLevel.Warning)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Count} events are lost: whoever takes them did not keep up";
}

internal static class ServerEventText
{
    public static string Duration(TimeSpan time) => time < TimeSpan.FromMinutes(1) ? $"{Math.Max(0, time.Seconds)} s"
        : time < TimeSpan.FromDays(1) ? $"{time:h\\:mm\\:ss}"
        : $"{time:d\\.hh\\:mm\\:ss}";

    public static string Explain(DropReason reason) => reason switch
    {
        DropReason.SourceNotAllowed => "they come from a MAC address that it may not have",
        DropReason.VlanNotAllowed => "they belong to a VLAN that it, or whom they are for, is not in, or have a tag that it may not use",
        DropReason.AddressSpoofed => "they come from an IP address that it may not use",
        DropReason.DhcpGuarded => "they are those of a DHCP server (dhcpGuard)",
        DropReason.RouterGuarded => "they are those of a router (routerGuard)",
        DropReason.Unreadable => "a guard cannot read them",
        DropReason.FrameLimited => "it sends more frames a second than it may (frameLimit)",
        DropReason.BandwidthLimited => "they are more bits a second than it may send or get (uploadLimit, downloadLimit)",
        DropReason.StormLimited => "it sends more broadcasts and multicasts a second than it may (stormLimit)",
        DropReason.UnknownLimited => "it sends more frames to unknown addresses a second than it may (unknownLimit)",
        DropReason.AddressFrozen => "their MAC address is frozen at another peer",
        DropReason.Isolated => "they are for a peer that it is kept apart from (isolationGroup, --isolate)",
        DropReason.LoopBlocked => "it, or the bridge that they are for, is blocked because of a loop",
        _ => reason.ToString(),
    };

    public static string Who(PeerInfo peer) => Who(peer.RemoteAddress, peer.RemoteUser, peer.DistinguishedName);

    public static string Who(string address, string user, string name) =>
        $"{(address.Length > 0 ? $" from {address}" : "")}{(user.Length > 0 ? $" as {user}" : "")}{(name.Length > 0 ? $" ({name})" : "")}";
}
