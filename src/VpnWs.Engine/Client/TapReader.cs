using VpnWs.Ethernet;
using VpnWs.Offload;
using VpnWs.Switching;
using VpnWs.Taps;
using VpnWs.Transport;
using VpnWs.WebSockets;

namespace VpnWs.Client;

/// <summary>Reads frames from a tap to where they will be sent from, and makes masked messages of them there. Used by one thread at a time.</summary>
/// <param name="hasOffload">Whether each message carries a virtio_net_hdr.</param>
/// <param name="queue">Where filled chunks go; says what becomes of each frame.</param>
/// <param name="counters">What is read from the tap counts as received, what is dropped as dropped.</param>
internal sealed class TapReader(bool hasOffload, SendQueue queue, PortCounters counters)
{
    /// <summary>After how many frames, at most, it is time to look at the link.</summary>
    private const int FramesPerFill = 512;

    private const int MaxMessage = SendChunk.MaxMessage;

    private readonly byte[] _scratch = GC.AllocateUninitializedArray<byte>(2 * MaxMessage, pinned: true);
    private readonly MaskKeySource _keys = new();
    private SendChunk _chunk = queue.Rent();

    /// <summary>Reads until the tap is empty, or for a while, and hands over what there was.</summary>
    /// <returns>What the tap said last.</returns>
    public TapStatus Fill(ITap tap)
    {
        var status = TapStatus.Done;
        for (var frames = 0; status == TapStatus.Done && frames < FramesPerFill && !_chunk.IsFull; frames++)
            status = tap.HasOffload && !hasOffload ? Cut(tap) : Read(tap);
        HandOver();
        return status;
    }

    /// <summary>Throws away what the tap has, a part at a time.</summary>
    /// <returns>What the tap said last.</returns>
    public TapStatus Discard(ITap tap)
    {
        var status = TapStatus.Done;
        for (var i = 0; i < FramesPerFill && status == TapStatus.Done; i++)
        {
            status = tap.Read(_scratch.AsSpan(0, MaxMessage), out _);
            if (status == TapStatus.Done) counters.CountDrop(DropReason.PortClosed);
        }

        return status;
    }

    private void HandOver()
    {
        if (_chunk.Length > 0) _chunk = queue.Add(_chunk);
    }

    /// <summary>Reads a frame to where it will be sent from.</summary>
    private TapStatus Read(ITap tap)
    {
        // The usual header; the two other lengths move the payload.
        const int usual = 8;
        var room = _chunk.Room;
        var prefix = hasOffload && !tap.HasOffload ? Frame.OffloadHeaderLength : 0;
        var status = tap.Read(room[(usual + prefix)..], out var read);
        if (status != TapStatus.Done) return status;
        var inner = tap.HasOffload ? Frame.OffloadHeaderLength : 0;
        counters.CountReceived(read - inner);
        room.Slice(usual, prefix).Clear();
        if (inner > 0 && !TakeHeader(room.Slice(usual, read))) return TapStatus.Done;
        var payload = prefix + read;
        var lane = Choose(room.Slice(usual + prefix + inner, read - inner));
        if (lane == SendLane.Drop) return TapStatus.Done;
        var header = FrameWriter.HeaderLength(payload, masked: true);
        if (header != usual) room.Slice(usual, payload).CopyTo(room[header..]);
        var key = _keys.Next();
        FrameWriter.WriteHeader(room, Opcode.Binary, payload, key);
        Masking.Apply(room.Slice(header, payload), key);
        Place(lane, header + payload);
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
            Append(frame);
        else
            Cut(header, frame);
        return TapStatus.Done;
    }

    private void Cut(in VirtioNetHeader header, ReadOnlySpan<byte> frame)
    {
        var finisher = new FrameFinisher(header, frame);
        var count = 0;
        for (; finisher.Next(_scratch.AsSpan(MaxMessage), out var length); count++)
        {
            if (_chunk.IsFull) HandOver();
            Append(_scratch.AsSpan(MaxMessage, length));
        }

        if (header.IsSuperFrame)
        {
            counters.CountSuperFrameReceived();
            counters.CountSegments(count);
        }

        if (count == 0) counters.CountDrop(DropReason.InvalidOffloadHeader);
    }

    private void Append(ReadOnlySpan<byte> frame)
    {
        var lane = Choose(frame);
        if (lane == SendLane.Drop) return;
        var key = _keys.Next();
        var prefix = hasOffload ? Frame.OffloadHeaderLength : 0;
        var room = _chunk.Room;
        var header = FrameWriter.WriteHeader(room, Opcode.Binary, prefix + frame.Length, key);
        var payload = room.Slice(header, prefix + frame.Length);
        payload[..prefix].Clear();
        Masking.Apply(payload[..prefix], key);
        Masking.Apply(frame, payload[prefix..], key, prefix);
        Place(lane, header + payload.Length);
    }

    private SendLane Choose(ReadOnlySpan<byte> frame)
    {
        var lane = queue.Choose(FlowHash.Of(frame), frame.Length, _chunk.Length);
        if (lane == SendLane.Drop) counters.CountDrop(DropReason.OutboxFull);
        return lane;
    }

    private void Place(SendLane lane, int length)
    {
        if (lane != SendLane.Express)
            _chunk.Commit(length);
        else if (!queue.TryAddExpress(_chunk.Room[..length]))
            counters.CountDrop(DropReason.OutboxFull);
    }
}
