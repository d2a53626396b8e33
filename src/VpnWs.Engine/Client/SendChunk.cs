using VpnWs.Ethernet;
using VpnWs.Transport;
using VpnWs.WebSockets;

namespace VpnWs.Client;

/// <summary>Encoded messages in the order in which they will be sent, and the places where others may go between them.</summary>
internal sealed class SendChunk
{
    /// <summary>From this length on a chunk takes no further message; one message may reach beyond it. Two of them, one filled while the other is sent, stay in a processor's second cache.</summary>
    public const int FullLength = 128 * 1024;

    /// <summary>The longest message.</summary>
    public const int MaxMessage = FrameWriter.MaxHeaderLength + Frame.OffloadHeaderLength + PacketLayout.MaxFrameLength;

    /// <summary>The longest part that is worth copying for the sake of fewer chunks.</summary>
    private const int MaxCopy = 64 * 1024;

    /// <summary>What is sent in one piece where others wait, in bytes, but for the rest of a message.</summary>
    private const int SliceLength = 32 * 1024;

    private readonly byte[] _data = GC.AllocateUninitializedArray<byte>(FullLength + MaxMessage, pinned: true);
    private readonly int[] _ends = new int[((FullLength + MaxMessage) / SliceLength) + 1];
    private int _endCount;
    private int _sliceStart;
    private int _slice;

    /// <summary>The number of the latest batch of frames in it.</summary>
    public long Sequence { get; set; }

    /// <summary>How many bytes are in it.</summary>
    public int Length { get; private set; }

    /// <summary>Whether it takes no further message.</summary>
    public bool IsFull => Length >= FullLength;

    /// <summary>Where the next message goes; there is always room for the longest.</summary>
    public Span<byte> Room => _data.AsSpan(Length);

    /// <summary>Takes in the message that was written into <see cref="Room"/>.</summary>
    public void Commit(int length)
    {
        Length += length;
        if (Length - _sliceStart < SliceLength) return;
        _ends[_endCount++] = _sliceStart = Length;
    }

    /// <summary>Takes in the messages of another chunk, if they are few and there is room for them before this one is full.</summary>
    public bool TryAppend(SendChunk other)
    {
        if (other.Length > MaxCopy || Length + other.Length > FullLength) return false;
        other._data.AsSpan(0, other.Length).CopyTo(Room);
        Commit(other.Length);
        Sequence = other.Sequence;
        return true;
    }

    /// <summary>What is to be sent next, and whether anything is left after it.</summary>
    public ReadOnlySpan<byte> NextSlice(bool whole, out bool isLast)
    {
        var start = _slice == 0 ? 0 : _ends[_slice - 1];
        isLast = whole || _slice >= _endCount || _ends[_slice] == Length;
        return isLast ? _data.AsSpan(start, Length - start) : _data.AsSpan(start, _ends[_slice++] - start);
    }

    /// <summary>Empties it.</summary>
    public void Clear() => Length = _endCount = _sliceStart = _slice = 0;
}
