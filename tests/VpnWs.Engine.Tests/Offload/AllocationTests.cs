using VpnWs.Offload;

namespace VpnWs.Tests.Offload;

public sealed class AllocationTests
{
    private static readonly FrameSpec Spec = new() { TcpOptions = FrameSpec.Timestamps, Payload = FrameSpec.Bytes(64_000), GsoSize = 1448 };

    [Fact]
    public void Cutting_joining_and_validating_allocate_nothing_per_frame()
    {
        var header = Spec.SuperHeader();
        var frame = Spec.Unfinished();
        var partial = Spec.PartialHeader();
        var buffer = new byte[2000];
        var coalescer = new Coalescer(true);
        var sink = new NoSink();
        Round();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 500; i++) Round();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(501 * 45, coalescer.FramesCoalesced);

        void Round()
        {
            var normalized = header;
            OffloadValidator.TryNormalize(ref normalized, frame, out _);
            var segmenter = new Segmenter(normalized, frame);
            while (segmenter.Next(buffer, out var length)) coalescer.Add(default, buffer.AsSpan(0, length), ref sink);
            coalescer.Flush(ref sink);
            ChecksumFinisher.Finish(buffer, partial);
        }
    }

    private struct NoSink : IFrameSink
    {
        public readonly void Accept(in VirtioNetHeader header, ReadOnlySpan<byte> frame)
        {
        }
    }
}
