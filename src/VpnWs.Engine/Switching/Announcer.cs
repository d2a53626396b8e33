using VpnWs.Ethernet;

namespace VpnWs.Switching;

/// <summary>
/// Brings news to the observer in the order in which it came about, one piece at a time, without holding a lock meanwhile: an observer may
/// therefore take locks of its own. News is noted under the switch's lock and delivered without it; a thread that finds another delivering
/// leaves its news to that one.
/// </summary>
internal sealed class Announcer(ISwitchObserver observer) : ISwitchObserver
{
    private readonly Lock _gate = new();
    private readonly Queue<Action<ISwitchObserver>> _news = new();
    private bool _delivering;

    /// <inheritdoc/>
    public void AddressLearned(SwitchPort port, MacAddress address) => Note(to => to.AddressLearned(port, address));

    /// <inheritdoc/>
    public void AddressRefused(SwitchPort claimant, SwitchPort holder, MacAddress address) =>
        Note(to => to.AddressRefused(claimant, holder, address));

    /// <inheritdoc/>
    public void ProbeRequested(SwitchPort holder, MacAddress address) => Note(to => to.ProbeRequested(holder, address));

    /// <inheritdoc/>
    public void AddressMoved(SwitchPort from, SwitchPort to, MacAddress address, MoveReason reason) =>
        Note(observer => observer.AddressMoved(from, to, address, reason));

    /// <inheritdoc/>
    public void AddressFrozen(SwitchPort holder, SwitchPort claimant, MacAddress address) =>
        Note(observer => observer.AddressFrozen(holder, claimant, address));

    /// <inheritdoc/>
    public void PortBlocked(SwitchPort port) => Note(observer => observer.PortBlocked(port));

    /// <inheritdoc/>
    public void PortUnblocked(SwitchPort port) => Note(observer => observer.PortUnblocked(port));

    /// <summary>Delivers what was noted; to be called without the switch's lock.</summary>
    public void Deliver()
    {
        lock (_gate)
        {
            if (_delivering) return;
            _delivering = true;
        }

        try
        {
            while (TryTake() is { } news) news(observer);
        }
        catch
        {
            lock (_gate) _delivering = false;
            throw;
        }
    }

    private void Note(Action<ISwitchObserver> news)
    {
        lock (_gate) _news.Enqueue(news);
    }

    private Action<ISwitchObserver>? TryTake()
    {
        lock (_gate)
        {
            if (_news.TryDequeue(out var news)) return news;
            _delivering = false;
            return null;
        }
    }
}
