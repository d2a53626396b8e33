namespace VpnWs.Switching;

/// <summary>The counters of a port, or the sums of many, as they stood at one moment. Every number only ever grows.</summary>
internal sealed class CounterSnapshot
{
    private long[] _drops = new long[DropReasonNames.Count];

    /// <summary>Frames that came from the port, those dropped later included.</summary>
    public long FramesReceived { get; internal set; }

    /// <summary>The bytes of those frames, Ethernet header included.</summary>
    public long BytesReceived { get; internal set; }

    /// <summary>How many of the frames received were super-frames.</summary>
    public long SuperFramesReceived { get; internal set; }

    /// <summary>Frames that were handed to the port's connection or tap.</summary>
    public long FramesSent { get; internal set; }

    /// <summary>The bytes of those frames, Ethernet header included.</summary>
    public long BytesSent { get; internal set; }

    /// <summary>How many of the frames sent were super-frames.</summary>
    public long SuperFramesSent { get; internal set; }

    /// <summary>The frames that super-frames were cut into, for ends that do not take them whole.</summary>
    public long SegmentsCut { get; internal set; }

    /// <summary>Small frames that were joined into super-frames for a tap.</summary>
    public long FramesCoalesced { get; internal set; }

    /// <summary>Receives from connections that brought bytes.</summary>
    public long Batches { get; internal set; }

    /// <summary>The messages with frames that those receives brought.</summary>
    public long Messages { get; internal set; }

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

    /// <summary>Adds drops in the order of <see cref="DropReason"/>; an empty span adds none.</summary>
    internal void AddDrops(ReadOnlySpan<long> drops)
    {
        for (var i = 0; i < drops.Length; i++) _drops[i] += drops[i];
    }

    /// <summary>The same numbers, to which others can be added.</summary>
    internal CounterSnapshot Copy()
    {
        var copy = (CounterSnapshot)MemberwiseClone();
        copy._drops = [.. _drops];
        return copy;
    }
}
