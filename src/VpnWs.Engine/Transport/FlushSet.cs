namespace VpnWs.Transport;

/// <summary>The ports that a batch of frames has touched, each flushed once at the end of the batch. Used by one thread.</summary>
internal sealed class FlushSet
{
    /// <summary>Up to so many a search through all of them is the fastest.</summary>
    private const int Few = 16;

    /// <summary>What a batch of floods may leave in the outboxes of all together until they are sent is bounded by this.</summary>
    private const int Most = 256;

    private readonly EnginePort?[] _ports = new EnginePort?[Most];
    private readonly HashSet<EnginePort> _noted = new(Most);
    private EnginePort? _unicast;
    private int _count;

    /// <summary>Notes a port; where more than 256 different ones gather, all are flushed early.</summary>
    /// <param name="port">The port.</param>
    /// <param name="isUnicast">Whether the frame was for this port alone. Only for such a port is it worth to wait: a flood does not depend on one.</param>
    public void Add(EnginePort port, bool isUnicast)
    {
        if (isUnicast) _unicast = port;
        if (IsNoted(port)) return;
        if (_count == Most) FlushPorts();
        if (_count == Few)
        {
            foreach (var noted in _ports.AsSpan(0, Few)) _noted.Add(noted!);
        }

        if (_count >= Few) _noted.Add(port);
        _ports[_count++] = port;
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

    private bool IsNoted(EnginePort port)
    {
        if (_count > Few) return _noted.Contains(port);
        for (var i = 0; i < _count; i++)
        {
            if (ReferenceEquals(_ports[i], port)) return true;
        }

        return false;
    }

    private void FlushPorts()
    {
        for (var i = 0; i < _count; i++)
        {
            _ports[i]!.Flush();
            _ports[i] = null;
        }

        if (_count > Few) _noted.Clear();
        _count = 0;
    }
}
