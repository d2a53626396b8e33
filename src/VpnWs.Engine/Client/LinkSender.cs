using VpnWs.Ethernet;
using VpnWs.Offload;
using VpnWs.Switching;
using VpnWs.Taps;
using VpnWs.Transport;
using VpnWs.WebSockets;

namespace VpnWs.Client;

/// <summary>
/// The sending half of a client's link: drains the tap into one buffer, frame after frame, and writes it out at once. It waits when the
/// connection is full, which leaves the rest in the tap's queue, where the senders of this machine feel it.
/// </summary>
/// <param name="stream">The connection after its handshake.</param>
/// <param name="hasOffload">Whether each message carries a virtio_net_hdr.</param>
/// <param name="counters">What is read from the tap counts as received, what is dropped as dropped.</param>
internal sealed class LinkSender(Stream stream, bool hasOffload, PortCounters counters)
{
    private const int BatchBytes = 256 * 1024;
    private const int ControlBytes = 4 * FrameWriter.MaxControlFrameLength;
    private const int DiscardFrames = 256;
    private const int MaxMessage = FrameWriter.MaxHeaderLength + Frame.OffloadHeaderLength + PacketLayout.MaxFrameLength;
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(1);

    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(BatchBytes + MaxMessage + ControlBytes, pinned: true);
    private readonly byte[] _scratch = GC.AllocateUninitializedArray<byte>(2 * MaxMessage, pinned: true);
    private readonly MaskKeySource _keys = new();
    private readonly MaskKeySource _controlKeys = new();
    private readonly Lock _gate = new();
    private readonly Lock _controlGate = new();
    private readonly byte[] _control = new byte[ControlBytes];
    private int _length;
    private int _controlLength;
    private bool _closed;
    private bool _ended;
    private long _lastSent = Environment.TickCount64;

    /// <summary>When something was last written, in monotonic milliseconds.</summary>
    public long LastSent => Volatile.Read(ref _lastSent);

    /// <summary>Reads the tap until it is empty and sends what was there; after a close frame, or <see cref="End"/>, it is thrown away, a part at a time.</summary>
    /// <returns>What the tap said last.</returns>
    /// <exception cref="IOException">The connection is gone.</exception>
    public TapStatus Pump(ITap tap)
    {
        TapStatus status;
        lock (_gate)
        {
            bool isOver;
            do
            {
                isOver = _ended || Volatile.Read(ref _closed);
                status = isOver ? Discard(tap) : Fill(tap);
                if (_ended) return status;
                TakeControl();
                Write();
            }
            while (status == TapStatus.Done && !isOver);
        }

        WriteControl();
        return status;
    }

    /// <summary>Sends nothing from now on. When this returns nobody uses the connection any more, which must have been aborted so that a write under way ends.</summary>
    public void End()
    {
        lock (_gate) _ended = true;
    }

    /// <summary>Sends a ping or a pong: now, or with the batch that is on its way. Where several wait, the latest are dropped (RFC 6455 section 5.5.3 allows it).</summary>
    public void SendControl(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        lock (_controlGate)
        {
            if (_closed || _control.Length - _controlLength < 2 * FrameWriter.MaxControlFrameLength) return;
            _controlLength += FrameWriter.WriteControl(_control.AsSpan(_controlLength), opcode, payload, _controlKeys.Next());
        }

        WriteControl();
    }

    /// <summary>Sends a close frame, behind what is being sent unless that takes too long; nothing is sent after it.</summary>
    public void SendClose(ushort code, string reason)
    {
        lock (_controlGate)
        {
            if (_closed) return;
            _closed = true;
            _controlLength += FrameWriter.WriteClose(_control.AsSpan(_controlLength), code, reason, _controlKeys.Next());
        }

        // The connection ends next, so leaving the frame to whoever is writing would lose it.
        if (_gate.TryEnter(CloseTimeout)) WriteAndLetGo();
    }

    private void WriteControl()
    {
        // Whoever holds the gate comes here again after letting go, so a control frame that found it closed is not left behind.
        while (Volatile.Read(ref _controlLength) > 0 && _gate.TryEnter()) WriteAndLetGo();
    }

    /// <summary>Writes control frames by the thread that has entered the gate, and leaves it.</summary>
    private void WriteAndLetGo()
    {
        try
        {
            TakeControl();
            Write();
        }
        finally
        {
            _gate.Exit();
        }
    }

    private void TakeControl()
    {
        lock (_controlGate)
        {
            _control.AsSpan(0, _controlLength).CopyTo(_buffer.AsSpan(_length));
            _length += _controlLength;
            _controlLength = 0;
        }
    }

    private void Write()
    {
        if (_length == 0) return;
        var length = _length;
        _length = 0;
        stream.Write(_buffer.AsSpan(0, length));
        Volatile.Write(ref _lastSent, Environment.TickCount64);
    }

    private TapStatus Discard(ITap tap)
    {
        var status = TapStatus.Done;
        for (var i = 0; i < DiscardFrames && status == TapStatus.Done; i++)
        {
            status = tap.Read(_scratch.AsSpan(0, MaxMessage), out _);
            if (status == TapStatus.Done) counters.CountDrop(DropReason.PortClosed);
        }

        return status;
    }

    private TapStatus Fill(ITap tap)
    {
        while (_length < BatchBytes)
        {
            var status = tap.HasOffload && !hasOffload ? Cut(tap) : Read(tap);
            if (status != TapStatus.Done) return status;
        }

        return TapStatus.Done;
    }

    /// <summary>Reads a frame to where it will be sent from.</summary>
    private TapStatus Read(ITap tap)
    {
        // The usual header; the two other lengths move the payload.
        const int usual = 8;
        var room = _buffer.AsSpan(_length);
        var prefix = hasOffload && !tap.HasOffload ? Frame.OffloadHeaderLength : 0;
        var status = tap.Read(room[(usual + prefix)..], out var read);
        if (status != TapStatus.Done) return status;
        counters.CountReceived(read - (tap.HasOffload ? Frame.OffloadHeaderLength : 0));
        room.Slice(usual, prefix).Clear();
        if (tap.HasOffload && !TakeHeader(room.Slice(usual, read))) return TapStatus.Done;
        var payload = prefix + read;
        var header = FrameWriter.HeaderLength(payload, masked: true);
        if (header != usual) room.Slice(usual, payload).CopyTo(room[header..]);
        var key = _keys.Next();
        FrameWriter.WriteHeader(room, Opcode.Binary, payload, key);
        Masking.Apply(room.Slice(header, payload), key);
        _length += header + payload;
        return TapStatus.Done;
    }

    /// <summary>Makes what the kernel wrote fit for the server's check; what no server lets through is cut here.</summary>
    private bool TakeHeader(Span<byte> read)
    {
        var header = VirtioNetHeader.Read(read);
        var frame = read[Frame.OffloadHeaderLength..];
        switch (OffloadIntake.Take(ref header, frame))
        {
            case IntakeAction.Carry:
                header.Write(read);
                if (header.IsSuperFrame) counters.CountSuperFrameReceived();
                return true;
            case IntakeAction.Segment:
                frame.CopyTo(_scratch);
                Cut(header, _scratch.AsSpan(0, frame.Length));
                return false;
            default:
                counters.CountDrop(DropReason.InvalidOffloadHeader);
                return false;
        }
    }

    /// <summary>Reads a frame, perhaps a super-frame, and makes messages of it that a server without offload understands.</summary>
    private TapStatus Cut(ITap tap)
    {
        var status = tap.Read(_scratch.AsSpan(0, MaxMessage), out var read);
        if (status != TapStatus.Done) return status;
        var header = VirtioNetHeader.Read(_scratch);
        var frame = _scratch.AsSpan(Frame.OffloadHeaderLength, read - Frame.OffloadHeaderLength);
        counters.CountReceived(frame.Length);
        if (header.IsPlain)
        {
            Append(frame);
            return TapStatus.Done;
        }

        Cut(header, frame);
        return TapStatus.Done;
    }

    private void Cut(in VirtioNetHeader header, ReadOnlySpan<byte> frame)
    {
        var finisher = new FrameFinisher(header, frame);
        var count = 0;
        for (; finisher.Next(_scratch.AsSpan(MaxMessage), out var length); count++)
        {
            if (_length >= BatchBytes) Write();
            Append(_scratch.AsSpan(MaxMessage, length));
        }

        if (header.IsSuperFrame) counters.CountSegments(count);
        if (count == 0) counters.CountDrop(DropReason.InvalidOffloadHeader);
    }

    private void Append(ReadOnlySpan<byte> frame)
    {
        var key = _keys.Next();
        var prefix = hasOffload ? Frame.OffloadHeaderLength : 0;
        var room = _buffer.AsSpan(_length);
        var header = FrameWriter.WriteHeader(room, Opcode.Binary, prefix + frame.Length, key);
        var payload = room.Slice(header, prefix + frame.Length);
        payload[..prefix].Clear();
        Masking.Apply(payload[..prefix], key);
        Masking.Apply(frame, payload[prefix..], key, prefix);
        _length += header + payload.Length;
    }
}
