using System.Buffers;
using VpnWs.Ethernet;

namespace VpnWs.Taps;

/// <summary>
/// One end of an Ethernet link in software: what the host's network stack (or the other end of an in-memory pair) sends is
/// read here, and what is written here arrives there. No call blocks but <see cref="Wait"/>.
/// One thread reads at a time; any number may write.
/// </summary>
public interface ITap : IDisposable
{
    /// <summary>The interface's name as the kernel gave it, such as <c>vpn0</c>.</summary>
    string Name { get; }

    /// <summary>The interface's own address, read anew at each call.</summary>
    /// <exception cref="TapException">The tap has gone.</exception>
    MacAddress Address { get; }

    /// <summary>The interface's MTU in bytes (payload of a frame, without the 14 bytes of header), read anew at each call.</summary>
    /// <exception cref="TapException">The tap has gone.</exception>
    int Mtu { get; }

    /// <summary>Whether each frame, read or written, is preceded by a 10-byte little-endian <c>virtio_net_hdr</c> and may be a super-frame.</summary>
    bool HasOffload { get; }

    /// <summary>Whether <see cref="HasOffload"/> covers UDP super-frames too (USO, Linux 6.2 on); without it they are refused. Default: <see cref="HasOffload"/>.</summary>
    bool HasUdpOffload => HasOffload;

    /// <summary>Reads one frame if there is one, whole: never cut to the buffer.</summary>
    /// <param name="buffer">Room for the largest frame (65,549 bytes, plus 10 with <see cref="HasOffload"/>).</param>
    /// <param name="length">How many bytes were read; 0 unless the status is <see cref="TapStatus.Done"/>.</param>
    TapStatus Read(Span<byte> buffer, out int length);

    /// <summary>Writes one frame, whole or not at all.</summary>
    /// <param name="frame">The frame; with <see cref="HasOffload"/> its header before it.</param>
    TapStatus Write(ReadOnlySpan<byte> frame);

    /// <summary>Writes one frame whose offload header lies elsewhere, whole or not at all.</summary>
    /// <param name="header">The 10 bytes of its <c>virtio_net_hdr</c>; only for a tap with <see cref="HasOffload"/>.</param>
    /// <param name="frame">The frame.</param>
    TapStatus Write(ReadOnlySpan<byte> header, ReadOnlySpan<byte> frame)
    {
        var whole = ArrayPool<byte>.Shared.Rent(header.Length + frame.Length);
        header.CopyTo(whole);
        frame.CopyTo(whole.AsSpan(header.Length));
        var status = Write(whole.AsSpan(0, header.Length + frame.Length));
        ArrayPool<byte>.Shared.Return(whole);
        return status;
    }

    /// <summary>Blocks until a frame can be read, the tap has gone, <see cref="Wake"/> was called, or the time is over.</summary>
    /// <param name="milliseconds">The longest wait; -1 waits without end.</param>
    void Wait(int milliseconds);

    /// <summary>Ends the present or else the next <see cref="Wait"/>; callable from any thread, also after disposal.</summary>
    void Wake();
}
