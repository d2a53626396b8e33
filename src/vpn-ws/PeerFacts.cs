using VpnWs.Hosting;
using VpnWs.Server;

namespace VpnWs.ServerProgram;

/// <summary>What the log tells programs of an event: enough to answer who was there when, from where, and with how much traffic.</summary>
internal static class PeerFacts
{
    /// <summary>The event as a message of the log.</summary>
    public static LogMessage Of(ServerEvent happened) => new(happened.ToString() ?? "", happened switch
    {
        PeerJoined joined => [Fact("event", "joined"), .. Identity(joined.Peer)],
        PeerLeft left =>
        [
            Fact("event", "left"),
            .. Identity(left.Peer),
            Fact("reason", left.Reason),
            Fact("seconds", (long)(left.Time - left.Peer.ConnectedAt).TotalSeconds),
            Fact("received", left.Peer.BytesReceived),
            Fact("sent", left.Peer.BytesSent),
            Fact("dropped", left.Peer.FramesDropped),
            Fact("drops", left.Drops),
        ],
        PeerKicked kicked => [Fact("event", "kicked"), .. Identity(kicked.Peer)],
        LimitsChanged limited => [Fact("event", "limits"), .. Identity(limited.Peer), Fact("limits", $"{limited.Peer.Limits}")],
        RulesChanged changed => [Fact("event", "rules"), Fact("rules", changed.Rules), Fact("changed", changed.Changed), Fact("denied", changed.Denied)],
        GuardHit hit => [Fact("event", "guard"), .. Identity(hit.Peer), Fact("reason", hit.Guard), Fact("frames", hit.Count)],
        AddressFrozen frozen => [Fact("event", "frozen"), Fact("mac", frozen.Address.ToString()), Fact("peer", frozen.HolderId), Fact("claimant", frozen.ClaimantId)],
        PortBlocked blocked => [Fact("event", "blocked"), Fact("peer", blocked.PortId)],
        PortUnblocked unblocked => [Fact("event", "unblocked"), Fact("peer", unblocked.PortId)],
        AddressConflict conflict => [Fact("event", "conflict"), Fact("mac", conflict.Address.ToString()), Fact("peer", conflict.HolderId), Fact("claimant", conflict.ClaimantId)],
        AddressPassed passed => [Fact("event", "passed"), Fact("mac", passed.Address.ToString()), Fact("from", passed.FromId), Fact("peer", passed.ToId), Fact("reason", passed.Reason)],
        LimitReached { PeerId: { } id } reached => [Fact("event", "limit"), Fact("peer", id), Fact("reason", reached.Limit), Fact("frames", reached.Dropped)],
        LimitReached reached => [Fact("event", "limit"), Fact("reason", reached.Limit)],
        PeerRefused refused =>
        [
            Fact("event", "refused"),
            Fact("address", refused.RemoteAddress),
            Fact("user", refused.RemoteUser),
            Fact("dn", refused.DistinguishedName),
            Fact("reason", refused.Reason),
        ],
        EventsLost lost => [Fact("event", "lost"), Fact("count", lost.Count)],
        RefusalsLeftOut refusals => [Fact("event", "refused"), Fact("count", refusals.Count)],
        _ => [],
    });

    /// <summary>What came of reading files again as a message of the log.</summary>
    public static LogMessage Of(ReloadOutcome outcome) => new(
        outcome.ToString(),
        outcome.Fault is { } fault ? [Fact("event", "reloadFailed"), Fact("what", outcome.Name), Fact("reason", fault)] : [Fact("event", "reloaded"), Fact("what", outcome.Name)]);

    private static IEnumerable<KeyValuePair<string, object>> Identity(PeerInfo peer) =>
    [
        Fact("peer", peer.Id),
        Fact("mac", peer.Mac?.ToString() ?? ""),
        Fact("address", peer.RemoteAddress),
        Fact("user", peer.RemoteUser),
        Fact("dn", peer.DistinguishedName),
        Fact("transport", peer.Transport),
        Fact("bridge", peer.IsBridge),
        Fact("rule", peer.Rule),
    ];

    private static KeyValuePair<string, object> Fact(string name, object value) => new(name, value);
}
