using System.Diagnostics;
using VpnWs.Ethernet;
using VpnWs.Taps;

namespace VpnWs.Tests.Transport;

/// <summary>A tap that brings one frame again and again, as often as asked, and counts what is written to it; it allocates nothing for either.</summary>
/// <param name="address">Its address.</param>
/// <param name="frame">The frame; with <paramref name="hasOffload"/> its header before it.</param>
/// <param name="hasOffload">Whether it takes super-frames and brings one.</param>
internal sealed class BulkTap(MacAddress address, byte[] frame, bool hasOffload = false) : ITap
{
    private const int MostUnderWay = 2000;

    private readonly AutoResetEvent _wake = new(false);
    private BulkTap? _source;
    private BulkTap? _target;
    private int _pieces = 1;
    private long _toRead;
    private long _read;
    private long _written;
    private volatile bool _gone;

    public string Name => "bulk0";

    public MacAddress Address => address;

    public int Mtu => 1500;

    public bool HasOffload => hasOffload;

    /// <summary>Brings so many frames, and waits until all have been written to another tap.</summary>
    /// <param name="to">The other tap.</param>
    /// <param name="frames">How many.</param>
    /// <param name="pieces">In how many pieces each arrives.</param>
    public void Pass(BulkTap to, long frames, int pieces = 1)
    {
        var wanted = Interlocked.Read(ref to._written) + (frames * pieces);
        _pieces = pieces;
        _target = to;
        to._source = this;
        Interlocked.Add(ref _toRead, frames);
        Wake();
        for (var watch = Stopwatch.StartNew(); Interlocked.Read(ref to._written) < wanted;)
        {
            Assert.True(watch.Elapsed < 3 * Eventually.Deadline, "The frames do not arrive.");
            Thread.Sleep(1);
            Wake();
        }
    }

    public TapStatus Read(Span<byte> buffer, out int length)
    {
        length = 0;
        if (_gone) return TapStatus.Gone;
        if (_read >= Interlocked.Read(ref _toRead) || _read - (Interlocked.Read(ref _target!._written) / _pieces) >= MostUnderWay) return TapStatus.WouldBlock;
        _read++;
        frame.CopyTo(buffer);
        length = frame.Length;
        return TapStatus.Done;
    }

    public TapStatus Write(ReadOnlySpan<byte> written)
    {
        if (Interlocked.Increment(ref _written) % (MostUnderWay / 4) == 0) _source?.Wake();
        return TapStatus.Done;
    }

    public TapStatus Write(ReadOnlySpan<byte> header, ReadOnlySpan<byte> written) => Write(written);

    public void Wait(int milliseconds) => _wake.WaitOne(milliseconds);

    public void Wake()
    {
        if (!_gone) _wake.Set();
    }

    public void Dispose()
    {
        _gone = true;
        _wake.Set();
    }
}
