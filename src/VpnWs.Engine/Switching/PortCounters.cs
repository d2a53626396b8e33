using System.Runtime.InteropServices;

namespace VpnWs.Switching;

/// <summary>
/// What went through a port and what was dropped there. Received frames have one writer, the loop that reads the port, and cost a plain add;
/// sent frames and drops are counted by whoever forwards to the port, with an interlocked add. Reading is safe from any thread at any time.
/// </summary>
internal sealed class PortCounters
{
    private long _framesReceived;
    private long _bytesReceived;
    private long _superFramesReceived;
    private long _batches;
    private long _messages;
    private SentCounters _sent;
    private long[]? _drops;

    /// <summary>Frames that came from the port.</summary>
    public long FramesReceived => Volatile.Read(ref _framesReceived);

    /// <summary>The bytes of those frames.</summary>
    public long BytesReceived => Volatile.Read(ref _bytesReceived);

    /// <summary>Frames handed to the port's connection or tap.</summary>
    public long FramesSent => Volatile.Read(ref _sent.Frames);

    /// <summary>The bytes of those frames.</summary>
    public long BytesSent => Volatile.Read(ref _sent.Bytes);

    /// <summary>Counts one frame of <paramref name="bytes"/> bytes that the port brought. Only the loop that reads the port may call this.</summary>
    public void CountReceived(long bytes)
    {
        Volatile.Write(ref _framesReceived, _framesReceived + 1);
        Volatile.Write(ref _bytesReceived, _bytesReceived + bytes);
    }

    /// <summary>Notes that a received frame was a super-frame. Only the loop that reads the port may call this.</summary>
    public void CountSuperFrameReceived() => Volatile.Write(ref _superFramesReceived, _superFramesReceived + 1);

    /// <summary>Counts one receive from a connection and the messages with frames that it completed. Only the loop that receives may call this.</summary>
    public void CountBatch(long messages)
    {
        Volatile.Write(ref _batches, _batches + 1);
        Volatile.Write(ref _messages, _messages + messages);
    }

    /// <summary>Notes that a frame handed to the port was a super-frame.</summary>
    public void CountSuperFrameSent() => Interlocked.Increment(ref _sent.SuperFrames);

    /// <summary>Counts the frames that a super-frame was cut into; once for each super-frame.</summary>
    public void CountSegments(long segments) => Interlocked.Add(ref _sent.Segments, segments);

    /// <summary>Counts small frames that left inside super-frames; once for a batch.</summary>
    public void CountCoalesced(long frames) => Interlocked.Add(ref _sent.Coalesced, frames);

    /// <summary>Counts frames that were handed to the port; cheapest when called once for a batch.</summary>
    public void CountSent(long frames, long bytes)
    {
        Interlocked.Add(ref _sent.Frames, frames);
        Interlocked.Add(ref _sent.Bytes, bytes);
    }

    /// <summary>Counts one dropped frame.</summary>
    public void CountDrop(DropReason reason) => Interlocked.Increment(ref DropsForWriting()[(int)reason]);

    /// <summary>Whether any frame was dropped.</summary>
    public bool HasDrops => Volatile.Read(ref _drops) is not null;

    /// <summary>How many frames were dropped for one reason.</summary>
    public long Drops(DropReason reason) => Volatile.Read(ref _drops) is { } drops ? Volatile.Read(ref drops[(int)reason]) : 0;

    /// <summary>The drops that happened, by the camelCase name of their reason.</summary>
    public IReadOnlyDictionary<string, long> DropsByReason() => Snapshot().DropsByReason();

    /// <summary>All numbers as they stand.</summary>
    public CounterSnapshot Snapshot()
    {
        var snapshot = new CounterSnapshot();
        AddTo(snapshot);
        return snapshot;
    }

    /// <summary>Adds all numbers, as they stand, to a sum.</summary>
    public void AddTo(CounterSnapshot sum)
    {
        sum.FramesReceived += FramesReceived;
        sum.BytesReceived += BytesReceived;
        sum.SuperFramesReceived += Volatile.Read(ref _superFramesReceived);
        sum.FramesSent += FramesSent;
        sum.BytesSent += BytesSent;
        sum.SuperFramesSent += Volatile.Read(ref _sent.SuperFrames);
        sum.SegmentsCut += Volatile.Read(ref _sent.Segments);
        sum.FramesCoalesced += Volatile.Read(ref _sent.Coalesced);
        sum.Batches += Volatile.Read(ref _batches);
        sum.Messages += Volatile.Read(ref _messages);
        sum.AddDrops(Volatile.Read(ref _drops));
    }

    // Most ports never drop a frame, and ten thousand idle ones should not pay for the array.
    private long[] DropsForWriting()
    {
        if (Volatile.Read(ref _drops) is { } drops) return drops;
        var fresh = new long[DropReasonNames.Count];
        return Interlocked.CompareExchange(ref _drops, fresh, null) ?? fresh;
    }

    // A cache line of their own: other threads' adds must not slow the port's own loop.
    [StructLayout(LayoutKind.Explicit, Size = 136)]
    private struct SentCounters
    {
        [FieldOffset(64)] public long Frames;
        [FieldOffset(72)] public long Bytes;
        [FieldOffset(80)] public long SuperFrames;
        [FieldOffset(88)] public long Segments;
        [FieldOffset(96)] public long Coalesced;
    }
}
