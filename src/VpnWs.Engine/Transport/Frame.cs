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

    private readonly Span<byte> _bytes;
    private readonly int _phase;
    private uint _maskKey;
    private int _clear;

    /// <summary>Makes a frame that is wholly clear.</summary>
    public Frame(Span<byte> bytes)
        : this(bytes, 0, 0, bytes.Length)
    {
    }

    /// <summary>Makes a frame that may be masked from some byte on.</summary>
    /// <param name="bytes">The frame.</param>
    /// <param name="maskKey">The key, 0 where nothing is masked.</param>
    /// <param name="phase">How many payload bytes stand before the frame (modulo 4).</param>
    /// <param name="clear">How many of the frame's bytes are clear already.</param>
    public Frame(Span<byte> bytes, uint maskKey, int phase, int clear)
    {
        _bytes = bytes;
        _maskKey = clear < bytes.Length ? maskKey : 0;
        _phase = phase;
        _clear = clear;
    }

    /// <summary>What is to be done before the frame is whole: segmentation, a checksum; the default is nothing.</summary>
    public VirtioNetHeader Offload { get; set; }

    /// <summary>The frame's length in bytes, without any offload header.</summary>
    public readonly int Length => _bytes.Length;

    /// <summary>How many frames it stands for: those that a super-frame will be cut into, otherwise one.</summary>
    public readonly int Segments =>
        Offload.IsSuperFrame && Offload.GsoSize != 0 ? Math.Max(1, (Length - Offload.HeaderLength + Offload.GsoSize - 1) / Offload.GsoSize) : 1;

    /// <summary>The length of the longest frame that a port without offload gets of it.</summary>
    public readonly int FinishedLength => Offload.IsSuperFrame ? Offload.HeaderLength + Offload.GsoSize : Length;

    /// <summary>The bytes that are clear: the headers at least.</summary>
    public readonly ReadOnlySpan<byte> Head => _bytes[.._clear];

    /// <summary>Unmasks what is left, in place, and gives the whole frame.</summary>
    public Span<byte> Clear()
    {
        if (_maskKey != 0) Masking.Apply(_bytes[_clear..], _maskKey, (_phase + _clear) & 3);
        _maskKey = 0;
        _clear = _bytes.Length;
        return _bytes;
    }

    /// <summary>Copies the frame, unmasking on the way.</summary>
    public readonly void CopyTo(Span<byte> destination)
    {
        if (_maskKey == 0)
        {
            _bytes.CopyTo(destination);
            return;
        }

        _bytes[.._clear].CopyTo(destination);
        Masking.Apply(_bytes[_clear..], destination[_clear..], _maskKey, (_phase + _clear) & 3);
    }
}
