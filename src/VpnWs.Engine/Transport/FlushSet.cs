namespace VpnWs.Transport;

/// <summary>The ports that a batch of frames has touched, each flushed once at the end of the batch. Used by one thread.</summary>
internal sealed class FlushSet
{
    private readonly EnginePort?[] _ports = new EnginePort?[16];
    private EnginePort? _unicast;
    private int _count;

    /// <summary>Notes a port; where too many different ones gather, all are flushed early.</summary>
    /// <param name="port">The port.</param>
    /// <param name="isUnicast">Whether the frame was for this port alone. Only for such a port is it worth to wait: a flood does not depend on one.</param>
    public void Add(EnginePort port, bool isUnicast)
    {
        if (isUnicast) _unicast = port;
        for (var i = 0; i < _count; i++)
        {
            if (ReferenceEquals(_ports[i], port)) return;
        }

        if (_count == _ports.Length) FlushPorts();
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

    private void FlushPorts()
    {
        for (var i = 0; i < _count; i++)
        {
            _ports[i]!.Flush();
            _ports[i] = null;
        }

        _count = 0;
    }
}
