using VpnWs.Switching;

namespace VpnWs.Server;

/// <summary>Tells when frames of peers do not pass a guard. Guards only count; here the counts are looked at now and then, so that a flood of frames is not one of events.</summary>
/// <param name="describe">Shows a peer to operators.</param>
/// <param name="report">Takes events.</param>
internal sealed class GuardReporter(Func<PeerPort, PeerInfo> describe, Action<ServerEvent> report)
{
    /// <summary>How long the same guard at the same peer is not told of again, in milliseconds.</summary>
    public const long Period = 10_000;

    /// <summary>How many events there may be in a second, from all peers together; what is left out is told later.</summary>
    public const int MostPerSecond = 20;

    private const long LookInterval = 1000;

    private static readonly DropReason[] Guards =
    [
        DropReason.SourceNotAllowed, DropReason.VlanNotAllowed, DropReason.AddressSpoofed, DropReason.DhcpGuarded, DropReason.RouterGuarded,
        DropReason.Unreadable, DropReason.FrameLimited, DropReason.BandwidthLimited, DropReason.StormLimited, DropReason.UnknownLimited, DropReason.AddressFrozen, DropReason.LoopBlocked,
        DropReason.Isolated,
    ];

    private long _lookedAt = long.MinValue / 2;
    private long _next;

    /// <summary>Looks at all peers, once a second at most.</summary>
    public void Tick(IEnumerable<PeerPort> peers, long now)
    {
        if (now - _lookedAt < LookInterval) return;
        _lookedAt = now;
        var left = MostPerSecond;

        // Whoever was left out comes first the next time: nobody hides behind others who keep all guards busy.
        foreach (var peer in peers.Where(static peer => peer.Counters.HasDrops).OrderBy(peer => peer.Id < _next).ThenBy(static peer => peer.Id))
        {
            for (var i = 0; i < Guards.Length; i++)
            {
                var total = peer.Counters.Drops(Guards[i]);
                if (total == 0) continue;
                var told = (peer.GuardsTold ??= Fresh())[i];
                if (total == told.Count || now - told.Time < Period) continue;
                if (left == 0)
                {
                    _next = peer.Id;
                    return;
                }

                peer.GuardsTold[i] = (total, now);
                report(new GuardHit(describe(peer), Guards[i], total - told.Count));
                left--;
            }
        }
    }

    private static (long Count, long Time)[] Fresh()
    {
        var told = new (long Count, long Time)[Guards.Length];
        Array.Fill(told, (0, long.MinValue / 2));
        return told;
    }
}
