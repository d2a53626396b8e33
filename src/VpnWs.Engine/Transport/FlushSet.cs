namespace VpnWs.Transport;

/// <summary>The ports that a batch of frames has touched, each flushed once at the end of the batch. Used by one thread.</summary>
internal sealed class FlushSet
{
    private readonly EnginePort?[] _ports = new EnginePort?[16];
    private int _count;

    /// <summary>Notes a port; where too many different ones gather, all are flushed early.</summary>
    /// <param name="port">The port.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    public void Add(EnginePort port, long now)
    {
        for (var i = 0; i < _count; i++)
        {
            if (ReferenceEquals(_ports[i], port)) return;
        }

        if (_count == _ports.Length) Flush(now);
        _ports[_count++] = port;
    }

    /// <summary>Flushes every noted port and forgets them.</summary>
    /// <param name="now">Monotonic milliseconds.</param>
    /// <returns>An outbox that the sender should wait for before it goes on, or null.</returns>
    public Outbox? Flush(long now)
    {
        Outbox? congested = null;
        for (var i = 0; i < _count; i++)
        {
            var port = _ports[i]!;
            port.Flush();
            if (port.Outbox is { } outbox && outbox.IsCongested(now)) congested = outbox;
            _ports[i] = null;
        }

        _count = 0;
        return congested;
    }
}
