using System.Collections.Concurrent;
using VpnWs.Ethernet;
using VpnWs.Taps;

namespace VpnWs.Tests.Transport;

/// <summary>A tap that does what a test wants: changes its address, is never empty, brings frames of any length, or goes.</summary>
internal sealed class FakeTap(MacAddress address) : ITap
{
    private readonly ConcurrentQueue<byte[]> _toRead = new();
    private readonly SemaphoreSlim _wake = new(0);
    private volatile bool _gone;
    private volatile byte[]? _endless;
    private MacAddress _address = address;

    public string Name => "fake0";

    public MacAddress Address
    {
        get => _gone ? throw new TapException("The tap has gone.") : _address;
        set => _address = value;
    }

    public int Mtu => 1500;

    public bool HasOffload { get; init; }

    public bool HasUdpOffload { get; init; }

    /// <summary>What was written, with its offload header where there is one.</summary>
    public ConcurrentQueue<byte[]> Written { get; } = new();

    public bool IsDisposed { get; private set; }

    /// <summary>A frame that can be read at any time, as from a host that sends more than anybody takes.</summary>
    public byte[]? Endless
    {
        get => _endless;
        set
        {
            _endless = value;
            Wake();
        }
    }

    /// <summary>Lets a frame be read.</summary>
    public void Bring(byte[] frame)
    {
        _toRead.Enqueue(frame);
        Wake();
    }

    /// <summary>Deletes the interface.</summary>
    public void Go()
    {
        _gone = true;
        Wake();
    }

    public TapStatus Read(Span<byte> buffer, out int length)
    {
        length = 0;
        if (_gone) return TapStatus.Gone;
        if (!_toRead.TryDequeue(out var frame) && (frame = _endless) is null) return TapStatus.WouldBlock;
        frame.CopyTo(buffer);
        length = frame.Length;
        return TapStatus.Done;
    }

    public TapStatus Write(ReadOnlySpan<byte> frame)
    {
        if (_gone) return TapStatus.Gone;
        Written.Enqueue(frame.ToArray());
        return TapStatus.Done;
    }

    public void Wait(int milliseconds)
    {
        if (!_gone && _endless is null && _toRead.IsEmpty) _wake.Wait(milliseconds);
    }

    public void Wake() => _wake.Release();

    public void Dispose()
    {
        IsDisposed = true;
        Go();
    }
}
