using VpnWs.Ethernet;
using VpnWs.Offload;
using VpnWs.Switching;
using VpnWs.Taps;
using VpnWs.Transport;

namespace VpnWs.Server;

/// <summary>
/// The server's own tap as a port of the switch. One thread drains it in batches; whoever has a frame for it writes at once, since a tap's
/// write does not wait. A tap that vanishes is reported and opened again as soon as that works.
/// </summary>
internal sealed class TapPort : EnginePort, IDisposable
{
    private const int FramesPerBatch = 64;
    private const int BytesPerBatch = 256 * 1024;
    private const int AddressCheckMilliseconds = 1000;

    private readonly VirtualSwitch _fabric;
    private readonly FrameDispatcher _dispatcher;
    private readonly TapHolder _holder;
    private readonly TapWriter _writer;
    private readonly Action<ServerEvent> _report;
    private readonly FlushSet _touched = new();
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(Frame.OffloadHeaderLength + PacketLayout.MaxFrameLength, pinned: true);
    private readonly Thread _thread;
    private byte[]? _segment;

    /// <param name="id">The port's id.</param>
    /// <param name="holder">The tap, already set up.</param>
    /// <param name="bridge">Whether many addresses live behind it.</param>
    /// <param name="fabric">The switch; the port is not yet added.</param>
    /// <param name="report">Takes events.</param>
    public TapPort(long id, TapHolder holder, bool bridge, VirtualSwitch fabric, Action<ServerEvent> report)
        : base(id)
    {
        _holder = holder;
        _writer = new TapWriter(holder, Counters);
        _fabric = fabric;
        _dispatcher = new FrameDispatcher(fabric);
        _report = report;
        IsUplink = true;
        IsBridge = bridge;
        _thread = new Thread(Run) { IsBackground = true, Name = $"tap {holder.Current.Name}" };
    }

    /// <summary>The tap; another object after it was opened again.</summary>
    public ITap Tap => _holder.Current;

    /// <summary>Joins the switch and starts reading.</summary>
    public void Start()
    {
        LastHeard = Environment.TickCount64;
        _fabric.Add(this, Tap.Address, LastHeard);
        _thread.Start();
    }

    /// <inheritdoc/>
    public override void Enqueue(ref Frame frame) => _writer.Write(ref frame);

    /// <inheritdoc/>
    public override void Flush() => _writer.Flush();

    /// <summary>Leaves the switch and ends the reading thread; the tap itself is its owner's to dispose.</summary>
    public void Dispose()
    {
        _holder.Stop();
        if (_thread.IsAlive && Thread.CurrentThread != _thread) _thread.Join();
        _fabric.Remove(this);
    }

    private void Run()
    {
        var nextCheck = Environment.TickCount64 + AddressCheckMilliseconds;
        while (!_holder.IsStopping)
        {
            Tap.Wait(AddressCheckMilliseconds);
            var now = Environment.TickCount64;
            if (!Drain(now))
            {
                if (!Reopen()) return;
                continue;
            }

            if (now < nextCheck) continue;
            nextCheck = now + AddressCheckMilliseconds;
            CheckAddress(now);
        }
    }

    /// <summary>Reads until the tap is empty, or for a while.</summary>
    /// <returns>False when the tap has gone.</returns>
    private bool Drain(long now)
    {
        // A tap that is never empty must not keep its address from being looked at, nor the clock from moving.
        var end = now + AddressCheckMilliseconds;
        var tap = Tap;
        var prefix = tap.HasOffload ? Frame.OffloadHeaderLength : 0;
        for (; now < end && !_holder.IsStopping; now = Environment.TickCount64)
        {
            var status = TapStatus.Done;
            for (int frames = 0, bytes = 0; frames < FramesPerBatch && bytes < BytesPerBatch; frames++)
            {
                status = tap.Read(_buffer, out var length);
                if (status != TapStatus.Done) break;
                bytes += length;
                Switch(length, prefix, now);
            }

            LastHeard = now;
            if (_touched.Flush(now) is { } congested) congested.WaitForRoomAsync(now).AsTask().Wait();
            if (status == TapStatus.Gone) return false;
            if (status != TapStatus.Done) return true;
        }

        return true;
    }

    private void Switch(int length, int prefix, long now)
    {
        var frame = new Frame(_buffer.AsSpan(prefix, length - prefix));
        if (prefix == 0)
        {
            _dispatcher.Dispatch(this, ref frame, _touched, now);
            return;
        }

        var header = VirtioNetHeader.Read(_buffer);
        switch (OffloadIntake.Take(ref header, frame.Clear()))
        {
            case IntakeAction.Carry:
                frame.Offload = header;
                _dispatcher.Dispatch(this, ref frame, _touched, now);
                break;
            case IntakeAction.Segment:
                SwitchSegments(header, frame.Clear(), now);
                break;
            default:
                Counters.CountDrop(DropReason.InvalidOffloadHeader);
                break;
        }
    }

    private void SwitchSegments(in VirtioNetHeader header, ReadOnlySpan<byte> frame, long now)
    {
        var segmenter = new Segmenter(header, frame);
        Counters.CountSegments(segmenter.Count);
        var scratch = _segment ??= new byte[PacketLayout.MaxFrameLength];
        while (segmenter.Next(scratch, out var length))
        {
            var segment = new Frame(scratch.AsSpan(0, length));
            _dispatcher.Dispatch(this, ref segment, _touched, now);
        }
    }

    /// <summary>The address of the interface can be changed by anyone at any time; the switch must not drop all frames then.</summary>
    private void CheckAddress(long now)
    {
        try
        {
            var address = Tap.Address;
            if (_fabric.PrimaryAddressOf(this) != address) _fabric.ReplaceDeclared(this, address, now);
        }
        catch (TapException)
        {
            // The next read finds out that it has gone.
        }
    }

    private bool Reopen()
    {
        if (_holder.IsStopping) return false;
        _report(new TapLost(Tap.Name, "the interface was deleted") { IsReopened = _holder.CanReopen });
        if (!_holder.TryReopen(reason => _report(new TapReopenFailed(Tap.Name, reason)))) return false;
        CheckAddress(Environment.TickCount64);
        _report(new TapRestored(Tap.Name));
        return true;
    }
}
