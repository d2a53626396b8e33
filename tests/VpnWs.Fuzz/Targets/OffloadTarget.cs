using VpnWs.Ethernet;
using VpnWs.Offload;

namespace VpnWs.Fuzz.Targets;

/// <summary>An offload header with its frame: what the validator lets through is cut, joined and finished, and never written beyond its room.</summary>
internal sealed class OffloadTarget : FuzzTarget
{
    private const byte Canary = 0xa5;
    private const int Guard = 32;
    private const int Fixed = 2048;

    private readonly byte[] _room = new byte[PacketLayout.MaxFrameLength + Guard];
    private readonly Coalescer _coalescer = new(mergeUdp: true);

    public override string Name => "offload";

    // The coalescer's buffers are made once for a flow and kept.
    public override long MostAllocated(int length) => Fixed + (9L * PacketLayout.MaxFrameLength);

    public override int Take(byte[] input)
    {
        if (input.Length < VirtioNetHeader.Length) return 0;
        var header = VirtioNetHeader.Read(input);
        var frame = input.AsSpan(VirtioNetHeader.Length);
        if (frame.Length > PacketLayout.MaxFrameLength) frame = frame[..PacketLayout.MaxFrameLength];
        var normal = header;
        var isValid = OffloadValidator.TryNormalize(ref normal, frame, out var fault);
        Require(isValid == (fault == OffloadFault.None), "what is not valid has a fault");
        if (isValid) Use(normal, frame);

        // What our own kernel hands over is not believed blindly either.
        var segments = Cut(header, frame);
        var sink = new Sum();
        for (var i = 0; i < 3; i++) _coalescer.Add(default, frame, ref sink);
        _coalescer.Flush(ref sink);
        var action = OffloadIntake.Take(ref header, frame);
        ChecksumFinisher.Finish(frame, header);
        return ((int)fault << 16) | ((int)action << 12) | (Math.Min(segments, 63) << 4) | Math.Min(sink.Frames, 15);
    }

    private void Use(in VirtioNetHeader header, ReadOnlySpan<byte> frame)
    {
        if (header.IsSuperFrame) Require(Cut(header, frame) <= OffloadValidator.MaxTcpSegments, "no super-frame is more than 1024 frames");
        var finisher = new FrameFinisher(header, frame);
        var frames = 0;
        while (finisher.Next(_room.AsSpan(0, PacketLayout.MaxFrameLength), out var length))
        {
            Require(length <= PacketLayout.MaxFrameLength && ++frames <= OffloadValidator.MaxTcpSegments, "finished frames are bounded");
        }

        var sink = new Sum();
        _coalescer.Add(header, frame, ref sink);
        _coalescer.Flush(ref sink);
        Require(sink.Bytes == frame.Length, "one frame comes out as it went in");
    }

    private int Cut(in VirtioNetHeader header, ReadOnlySpan<byte> frame)
    {
        var segmenter = new Segmenter(header, frame);
        Require(segmenter.MaxSegmentLength <= PacketLayout.MaxFrameLength, "a segment is no longer than its frame");
        var room = _room.AsSpan(0, segmenter.MaxSegmentLength + Guard);
        room[^Guard..].Fill(Canary);
        var count = 0;
        while (segmenter.Next(room[..^Guard], out _)) count++;
        Require(count == segmenter.Count, "there are as many segments as were counted");
        Require(!room[^Guard..].ContainsAnyExcept(Canary), "nothing is written beyond the room");
        return count;
    }

    private struct Sum : IFrameSink
    {
        public int Frames;
        public long Bytes;

        public void Accept(in VirtioNetHeader header, ReadOnlySpan<byte> frame)
        {
            Frames++;
            Bytes += frame.Length;
        }
    }
}
