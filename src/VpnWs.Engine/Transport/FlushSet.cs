namespace VpnWs.Transport;

/// <summary>The ports that a batch of frames has touched, each flushed once at the end of the batch. Used by one thread.</summary>
internal sealed class FlushSet
{
    /// <summary>What a batch of floods may leave in the outboxes of all together until they are sent is bounded by this.</summary>
    private const int Most = 256;

    private readonly HashSet<EnginePort> _ports = new(Most);
    private EnginePort? _latest;
    private EnginePort? _unicast;

    /// <summary>Notes a port; where more than 256 different ones gather, all are flushed early.</summary>
    /// <param name="port">The port.</param>
    /// <param name="isUnicast">Whether the frame was for this port alone. Only for such a port is it worth to wait: a flood does not depend on one.</param>
    public void Add(EnginePort port, bool isUnicast)
    {
        if (isUnicast) _unicast = port;
        // Most batches are of one conversation.
        if (ReferenceEquals(port, _latest)) return;
        if (_ports.Count == Most && !_ports.Contains(port)) FlushPorts();
        _ports.Add(port);
        _latest = port;
    }

    /// <summary>Flushes every noted port and forgets them.</summary>
    /// <param name="now">Monotonic milliseconds.</param>
    /// <returns>An outbox that the sender should wait for before it goes on, or null.</returns>
    public Outbox? Flush(long now)
    {
        FlushPorts();
        var outbox = _unicast?.Outbox;
        _unicast = null;
        return outbox is not null && outbox.IsCongested(now) ? outbox : null;
    }

    private void FlushPorts()
    {
        foreach (var port in _ports) port.Flush();
        _ports.Clear();
        _latest = null;
    }
}
