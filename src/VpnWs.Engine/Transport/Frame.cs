using VpnWs.Offload;
using VpnWs.WebSockets;

namespace VpnWs.Transport;

/// <summary>
/// An Ethernet frame on its way through the switch, in the buffer that it was received in. Its first bytes are clear; the rest may still be
/// masked, so that unmasking and copying into the one outbox that wants it are a single pass.
/// </summary>
internal ref struct Frame
{
    /// <summary>The size of the <c>virtio_net_hdr</c> before a frame where offload is spoken.</summary>
    public const int OffloadHeaderLength = VirtioNetHeader.Length;

    /// <summary>How many bytes before a frame belong to its buffer and may be overwritten: room for an offload header.</summary>
    public const int Headroom = 16;

    private readonly Span<byte> _buffer;
    private readonly int _start;
    private readonly int _phase;
    private uint _maskKey;
    private int _clear;

    /// <summary>Makes a frame that is wholly clear.</summary>
    /// <param name="buffer">The bytes with the frame at their end.</param>
    /// <param name="start">Where the frame starts; at least <see cref="OffloadHeaderLength"/>.</param>
    public Frame(Span<byte> buffer, int start)
        : this(buffer, start, 0, 0, buffer.Length - start)
    {
    }

    /// <summary>Makes a frame that may be masked from some byte on.</summary>
    /// <param name="buffer">The bytes with the frame at their end.</param>
    /// <param name="start">Where the frame starts.</param>
    /// <param name="maskKey">The key, 0 where nothing is masked.</param>
    /// <param name="phase">How many payload bytes stand before the frame (modulo 4).</param>
    /// <param name="clear">How many of the frame's bytes are clear already.</param>
    public Frame(Span<byte> buffer, int start, uint maskKey, int phase, int clear)
    {
        _buffer = buffer;
        _start = start;
        _maskKey = maskKey;
        _phase = phase;
        _clear = clear;
    }

    /// <summary>What is to be done before the frame is whole: segmentation, a checksum; the default is nothing.</summary>
    public VirtioNetHeader Offload { get; set; }

    /// <summary>The frame's length in bytes, without any offload header.</summary>
    public readonly int Length => _buffer.Length - _start;

    /// <summary>The bytes that are clear: the headers at least.</summary>
    public readonly ReadOnlySpan<byte> Head => _buffer.Slice(_start, Math.Min(_clear, Length));

    /// <summary>Unmasks what is left, in place, and gives the whole frame.</summary>
    public Span<byte> Clear()
    {
        var frame = _buffer[_start..];
        if (_maskKey != 0 && _clear < frame.Length) Masking.Apply(frame[_clear..], _maskKey, (_phase + _clear) & 3);
        _maskKey = 0;
        _clear = frame.Length;
        return frame;
    }

    /// <summary>Gives the whole frame with its offload header written before it, in place.</summary>
    public Span<byte> ClearWithHeader()
    {
        Clear();
        var whole = _buffer[(_start - OffloadHeaderLength)..];
        WriteOffloadHeader(whole);
        return whole;
    }

    /// <summary>Copies the frame, unmasking on the way.</summary>
    public readonly void CopyTo(Span<byte> destination)
    {
        var frame = _buffer[_start..];
        if (_maskKey == 0 || _clear >= frame.Length)
        {
            frame.CopyTo(destination);
            return;
        }

        frame[.._clear].CopyTo(destination);
        Masking.Apply(frame[_clear..], destination[_clear..], _maskKey, (_phase + _clear) & 3);
    }

    /// <summary>Writes the offload header at the start of <paramref name="destination"/>.</summary>
    public readonly void WriteOffloadHeader(Span<byte> destination) => Offload.Write(destination);
}
