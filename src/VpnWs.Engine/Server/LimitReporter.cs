using VpnWs.Switching;
using VpnWs.Transport;

namespace VpnWs.Server;

/// <summary>Tells when frames are dropped for a bound, but at most once in ten seconds and of the five worst peers.</summary>
/// <param name="options">The bounds.</param>
/// <param name="budget">The memory of all queues.</param>
/// <param name="report">Takes events.</param>
internal sealed class LimitReporter(VpnWsServerOptions options, OutboxBudget budget, Action<ServerEvent> report)
{
    private const long Period = 10_000;
    private const int Worst = 5;

    private Dictionary<long, long> _before = [];
    private long? _last;
    private bool _wasSpent;

    /// <summary>Looks at the peers; to be called several times a second.</summary>
    /// <param name="now">Monotonic milliseconds.</param>
    /// <param name="peers">All peers.</param>
    public void Tick(long now, IEnumerable<PeerPort> peers)
    {
        _wasSpent |= budget.IsSpent;
        if (_last is { } last && now - last < Period) return;
        _last = now;
        if (_wasSpent)
            report(new LimitReached(null, $"the queues of all peers hold {budget.Used} bytes, where {budget.Limit} are allowed: peers that do not read lose frames", 0));
        _wasSpent = false;

        var drops = peers.Select(peer => (peer.Id, Count: peer.Counters.Drops(DropReason.OutboxFull))).Where(entry => entry.Count > 0).ToDictionary(entry => entry.Id, entry => entry.Count);

        var grown = drops.Select(entry => (entry.Key, Count: entry.Value - _before.GetValueOrDefault(entry.Key))).Where(entry => entry.Count > 0);
        foreach (var (id, count) in grown.OrderByDescending(entry => entry.Count).Take(Worst))
            report(new LimitReached(id, $"it does not read fast enough, and {options.OutboxLimit} bytes at most wait for a peer", count));
        _before = drops;
    }
}
