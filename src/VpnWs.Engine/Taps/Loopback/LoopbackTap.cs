using VpnWs.Ethernet;

namespace VpnWs.Taps;

/// <summary>
/// One end of an Ethernet link in memory: what one end writes the other reads, whole and in order. It needs no rights and no
/// particular system; it stands in for a kernel's tap in tests and joins programs within a process.
/// </summary>
public sealed class LoopbackTap : ITap
{
    private const int OffloadHeaderLength = 10;
    private const ulong LocalBit = 0x0200_0000_0000;
    private const ulong GroupBit = 0x0100_0000_0000;
    private const long AddressSpace = 1L << 48;

    private readonly FrameQueue _inbox;
    private readonly MacAddress _address;
    private readonly int _mtu;
    private volatile bool _up = true;
    private volatile bool _disposed;

    private LoopbackTap(string name, MacAddress? address, int mtu, bool offload, int capacityFrames)
    {
        (Name, HasOffload, _mtu, _inbox) = (name, offload, mtu, new FrameQueue(capacityFrames));
        _address = address ?? RandomAddress();
        Peer = this;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>The other end.</summary>
    public LoopbackTap Peer { get; private set; }

    /// <inheritdoc/>
    public MacAddress Address => _disposed ? throw Gone() : _address;

    /// <summary>The MTU in bytes, as given to <see cref="CreatePair"/>; like a kernel's tap, the pair carries longer frames all the same.</summary>
    /// <exception cref="TapException">The tap has gone.</exception>
    public int Mtu => _disposed ? throw Gone() : _mtu;

    /// <inheritdoc/>
    public bool HasOffload { get; }

    /// <summary>Whether this end is up; default true. While either end is down what either writes is dropped.</summary>
    public bool IsUp
    {
        get => _up;
        set => _up = value;
    }

    /// <summary>How many frames written at the other end were not taken because the queue towards this one was full.</summary>
    public long Overflows => _inbox.Overflows;

    /// <summary>Makes the two ends of a link, both up.</summary>
    /// <param name="nameA">The name of the first end.</param>
    /// <param name="nameB">The name of the second end.</param>
    /// <param name="addressA">The address of the first end; null for a random one, locally administered.</param>
    /// <param name="addressB">The address of the second end; null for a random one, locally administered.</param>
    /// <param name="mtu">The MTU in bytes that both ends tell of, 68 to 65,535.</param>
    /// <param name="offload">Whether each frame is preceded by a 10-byte <c>virtio_net_hdr</c>.</param>
    /// <param name="capacityFrames">How many frames may wait in either direction, 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">The MTU or the capacity is out of range.</exception>
    public static (LoopbackTap A, LoopbackTap B) CreatePair(
        string nameA = "loop0",
        string nameB = "loop1",
        MacAddress? addressA = null,
        MacAddress? addressB = null,
        int mtu = 1500,
        bool offload = false,
        int capacityFrames = 4096)
    {
        const int LeastMtu = 68;
        ArgumentOutOfRangeException.ThrowIfLessThan(mtu, LeastMtu);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(mtu, ushort.MaxValue);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacityFrames, 1);
        LoopbackTap a = new(nameA, addressA, mtu, offload, capacityFrames);
        LoopbackTap b = new(nameB, addressB, mtu, offload, capacityFrames);
        (a.Peer, b.Peer) = (b, a);
        return (a, b);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The buffer is too small for the largest frame.</exception>
    public TapStatus Read(Span<byte> buffer, out int length)
    {
        var least = HeaderLength + EthernetFrame.MaxLength;
        if (buffer.Length < least) throw new ArgumentException($"A tap is read into {least} bytes at least.", nameof(buffer));
        return _inbox.Dequeue(buffer, out length);
    }

    /// <inheritdoc/>
    public TapStatus Write(ReadOnlySpan<byte> frame)
    {
        if (_disposed || Peer._disposed) return TapStatus.Gone;
        if (!_up || !Peer._up) return TapStatus.Down;
        var bare = frame.Length - HeaderLength;
        return bare is < EthernetFrame.HeaderLength or > EthernetFrame.MaxLength ? TapStatus.Refused : Peer._inbox.Enqueue(frame);
    }

    /// <inheritdoc/>
    public void Wait(int milliseconds)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(milliseconds, -1);
        _inbox.Wait(milliseconds);
    }

    /// <inheritdoc/>
    public void Wake() => _inbox.Wake();

    /// <summary>Takes this end away: what waits for it is dropped; the other end can still read what was written before, then finds the tap gone.</summary>
    public void Dispose()
    {
        _disposed = true;
        _inbox.EndReading();
        Peer._inbox.EndWriting();
    }

    private int HeaderLength => HasOffload ? OffloadHeaderLength : 0;

    private static MacAddress RandomAddress() => new(((ulong)Random.Shared.NextInt64(AddressSpace) & ~GroupBit) | LocalBit);

    private TapException Gone() => new($"The tap '{Name}' has gone: it was disposed.");
}
