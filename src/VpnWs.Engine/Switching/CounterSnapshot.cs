namespace VpnWs.Switching;

/// <summary>The counters of a port, or the sums of many, as they stood at one moment. Every number only ever grows.</summary>
internal sealed class CounterSnapshot
{
    private readonly long[] _drops = new long[DropReasonNames.Count];

    /// <summary>Frames that came from the port, those dropped later included.</summary>
    public long FramesReceived { get; private set; }

    /// <summary>The bytes of those frames, Ethernet header included.</summary>
    public long BytesReceived { get; private set; }

    /// <summary>Frames that were handed to the port's connection or tap.</summary>
    public long FramesSent { get; private set; }

    /// <summary>The bytes of those frames, Ethernet header included.</summary>
    public long BytesSent { get; private set; }

    /// <summary>How many frames were dropped for one reason.</summary>
    public long Drops(DropReason reason) => _drops[(int)reason];

    /// <summary>The drops that happened, by the camelCase name of their reason; a reason that never was is not there.</summary>
    public IReadOnlyDictionary<string, long> DropsByReason()
    {
        var named = new Dictionary<string, long>();
        for (var i = 0; i < _drops.Length; i++)
        {
            if (_drops[i] != 0) named.Add(DropReasonNames.Of((DropReason)i), _drops[i]);
        }

        return named;
    }

    /// <summary>Adds the numbers of one more port; <paramref name="drops"/> is in the order of <see cref="DropReason"/>, or empty.</summary>
    internal void Add(long framesReceived, long bytesReceived, long framesSent, long bytesSent, ReadOnlySpan<long> drops)
    {
        FramesReceived += framesReceived;
        BytesReceived += bytesReceived;
        FramesSent += framesSent;
        BytesSent += bytesSent;
        for (var i = 0; i < drops.Length; i++) _drops[i] += drops[i];
    }

    /// <summary>Adds what another snapshot holds.</summary>
    internal void Add(CounterSnapshot other) =>
        Add(other.FramesReceived, other.BytesReceived, other.FramesSent, other.BytesSent, other._drops);
}
