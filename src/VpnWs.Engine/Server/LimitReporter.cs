using VpnWs.Switching;
using VpnWs.Transport;

namespace VpnWs.Server;

/// <summary>Tells when frames are dropped for a bound, but at most once in ten seconds and of the five worst peers.</summary>
/// <param name="options">The bounds.</param>
/// <param name="budget">The memory of all queues.</param>
/// <param name="mostAddresses">How many addresses a peer may have.</param>
/// <param name="report">Takes events.</param>
internal sealed class LimitReporter(VpnWsServerOptions options, OutboxBudget budget, Func<PeerPort, int> mostAddresses, Action<ServerEvent> report)
{
    private const long Period = 10_000;
    private const int Worst = 5;

    private Dictionary<(PeerPort Peer, DropReason Reason), long> _before = [];
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

        var drops = new Dictionary<(PeerPort Peer, DropReason Reason), long>();
        foreach (var peer in peers)
        {
            foreach (var reason in (ReadOnlySpan<DropReason>)[DropReason.OutboxFull, DropReason.TableFull])
            {
                if (peer.Counters.Drops(reason) is > 0 and var count) drops[(peer, reason)] = count;
            }
        }

        var grown = drops.Select(entry => (entry.Key, Count: entry.Value - _before.GetValueOrDefault(entry.Key))).Where(entry => entry.Count > 0);
        foreach (var ((peer, reason), count) in grown.OrderByDescending(entry => entry.Count).Take(Worst)) report(new LimitReached(peer.Id, Words(peer, reason), count));
        _before = drops;
    }

    private string Words(PeerPort peer, DropReason reason) => reason == DropReason.OutboxFull
        ? $"it does not read fast enough, and {options.OutboxLimit} bytes at most wait for a peer"
        : $"it uses more addresses than the {mostAddresses(peer)} that it may have, or all have more than {options.MaxAddresses}";
}
