namespace VpnWs.Transport;

/// <summary>The ports that a batch of frames has touched, each flushed once at the end of the batch. Used by one thread.</summary>
internal sealed class FlushSet
{
    private readonly EnginePort?[] _ports = new EnginePort?[16];
    private int _count;

    /// <summary>Notes a port; where too many different ones gather, all are flushed early.</summary>
    public void Add(EnginePort port)
    {
        for (var i = 0; i < _count; i++)
        {
            if (ReferenceEquals(_ports[i], port)) return;
        }

        if (_count == _ports.Length) Flush();
        _ports[_count++] = port;
    }

    /// <summary>Flushes every noted port and forgets them.</summary>
    public void Flush()
    {
        for (var i = 0; i < _count; i++)
        {
            _ports[i]!.Flush();
            _ports[i] = null;
        }

        _count = 0;
    }
}
