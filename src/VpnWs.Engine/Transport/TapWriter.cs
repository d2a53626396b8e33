using System.Runtime.CompilerServices;
using VpnWs.Ethernet;
using VpnWs.Offload;
using VpnWs.Switching;
using VpnWs.Taps;

namespace VpnWs.Transport;

/// <summary>
/// Writes frames to a tap in whatever form the tap takes them, and counts what came of each. For a tap with offload the small frames of a batch
/// are joined into super-frames, which the kernel takes in at the price of one. Any number of threads may write; none waits for the tap.
/// </summary>
/// <param name="holder">The tap.</param>
/// <param name="counters">What is written counts as sent.</param>
/// <param name="giveWay">Called between two bursts of datagrams, without the writer's lock, to let other threads run; by default <see cref="Thread.Yield"/>.</param>
internal sealed class TapWriter(TapHolder holder, PortCounters counters, Action? giveWay = null)
{
    // A socket of the default size (net.core.rmem_default) holds some 270 small datagrams. Nothing holds their sender back as TCP is held back: what comes
    // before their reader had a turn is lost, after all the work that it has cost. Counted are those in super-frames, which alone come so fast.
    private const int DatagramsInARow = 256;

    private static readonly Action YieldThread = static () => Thread.Yield();

    [ThreadStatic]
    private static byte[]? s_scratch;

    private readonly Lock _gate = new();
    private Coalescer? _coalescer;
    private long _coalescedTold;
    private int _datagramsSinceTurn;

    private PortCounters Counters => counters;

    /// <summary>Takes one frame; it is with the kernel after the next <see cref="Flush"/> at the latest.</summary>
    public void Write(ref Frame frame)
    {
        var tap = holder.Current;
        if (tap.HasOffload)
        {
            var whole = frame.Clear();
            bool isBurst;
            lock (_gate)
            {
                var sink = new TapSink(this, tap);
                _coalescer ??= new Coalescer(mergeUdp: tap.HasUdpOffload);
                if (frame.Offload.GsoType == GsoType.UdpL4 && !tap.HasUdpOffload)
                    Finish(frame.Offload, whole, new JoiningSink(_coalescer, sink));
                else
                    _coalescer.Add(frame.Offload, whole, ref sink);
                isBurst = EndsBurst();
            }

            if (isBurst) GiveWay();
        }
        else if (frame.Offload.IsPlain)
        {
            var whole = frame.Clear();
            Count(counters, tap.Write(whole), whole.Length);
        }
        else
        {
            Finish(frame.Offload, frame.Clear(), new PlainSink(tap, counters));
        }
    }

    /// <summary>Writes what waits to be joined with others: to be called at the end of every batch.</summary>
    public void Flush()
    {
        if (_coalescer is null) return;
        bool isBurst;
        lock (_gate)
        {
            var sink = new TapSink(this, holder.Current);
            _coalescer.Flush(ref sink);
            isBurst = EndsBurst();
            if (_coalescer.FramesCoalesced != _coalescedTold)
            {
                counters.CountCoalesced(_coalescer.FramesCoalesced - _coalescedTold);
                _coalescedTold = _coalescer.FramesCoalesced;
            }
        }

        if (isBurst) GiveWay();
    }

    private bool EndsBurst()
    {
        if (_datagramsSinceTurn < DatagramsInARow) return false;
        _datagramsSinceTurn = 0;
        return true;
    }

    private void GiveWay() => (giveWay ?? YieldThread)();

    /// <summary>Cuts a super-frame, or finishes a checksum, for a tap that does not.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Finish<TSink>(in VirtioNetHeader header, ReadOnlySpan<byte> frame, scoped TSink sink)
        where TSink : IFrameSink, allows ref struct
    {
        var scratch = s_scratch ??= new byte[PacketLayout.MaxFrameLength];
        var finisher = new FrameFinisher(header, frame);
        var segments = 0;
        for (; finisher.Next(scratch, out var length); segments++) sink.Accept(default, scratch.AsSpan(0, length));
        if (header.IsSuperFrame) counters.CountSegments(segments);
    }

    private static void Count(PortCounters counters, TapStatus status, int length)
    {
        switch (status)
        {
            case TapStatus.Done:
                counters.CountSent(1, length);
                break;
            case TapStatus.WouldBlock:
                counters.CountDrop(DropReason.OutboxFull);
                break;
            case TapStatus.Refused:
                counters.CountDrop(DropReason.TapRefused);
                break;
            default:
                counters.CountDrop(DropReason.TapDown);
                break;
        }
    }

    private readonly ref struct TapSink(TapWriter writer, ITap tap) : IFrameSink
    {
        public void Accept(in VirtioNetHeader header, ReadOnlySpan<byte> frame)
        {
            Span<byte> prefix = stackalloc byte[Frame.OffloadHeaderLength];
            header.Write(prefix);
            var status = tap.Write(prefix, frame);
            if (status == TapStatus.Done && header.IsSuperFrame)
            {
                writer.Counters.CountSuperFrameSent();
                if (header.GsoType == GsoType.UdpL4) writer._datagramsSinceTurn += Segmenter.CountSegments(header, frame);
            }

            Count(writer.Counters, status, frame.Length);
        }
    }

    /// <summary>For a tap without offload.</summary>
    private readonly ref struct PlainSink(ITap tap, PortCounters counters) : IFrameSink
    {
        public void Accept(in VirtioNetHeader header, ReadOnlySpan<byte> frame) => Count(counters, tap.Write(frame), frame.Length);
    }

    /// <summary>For a tap that takes super-frames of another kind only.</summary>
    private readonly ref struct JoiningSink(Coalescer coalescer, TapSink sink) : IFrameSink
    {
        private readonly TapSink _sink = sink;

        public void Accept(in VirtioNetHeader header, ReadOnlySpan<byte> frame)
        {
            var sink = _sink;
            coalescer.Add(header, frame, ref sink);
        }
    }
}
