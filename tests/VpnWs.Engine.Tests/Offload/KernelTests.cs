using FsCheck.Fluent;
using VpnWs.Offload;

namespace VpnWs.Tests.Offload;

/// <summary>Asks the running kernel: what is written to one tap comes out of another behind a bridge, segmented and finished by the kernel as far as that tap cannot.</summary>
public sealed class KernelTests
{
    private const int Patience = 5000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Segments_are_those_that_the_kernel_makes(bool isUdp) => AcrossBridge(0, isUdp, (left, right) =>
        Specs.Check(WithAnySum(SuperFrames(isUdp)), 200, item =>
        {
            var (spec, frame) = item;
            var header = spec.SuperHeader();
            var segments = Batches.Cut(header, frame);
            left.Write(header, frame);
            foreach (var segment in segments) Assert.Equal(segment, Receive(right).Frame);
        }));

    [Fact]
    public void Unfinished_checksums_are_finished_as_the_kernel_does() => AcrossBridge(0, false, (left, right) =>
        Specs.Check(WithAnySum(Specs.SuperFramesWithOptions.Select(spec => spec with { Payload = spec.Payload[..(spec.Payload.Length % 1000)] })), 200, item =>
        {
            var (spec, frame) = item;
            left.Write(spec.PartialHeader(), frame);
            Assert.True(ChecksumFinisher.Finish(frame, spec.PartialHeader()));
            Assert.Equal(frame, Receive(right).Frame);
        }));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_checksum_of_zero_is_written_as_the_kernel_does(bool isUdp) => AcrossBridge(0, false, (left, right) =>
    {
        var spec = new FrameSpec { IsUdp = isUdp, Payload = new byte[2] };
        spec = spec with { Payload = spec.Finished().AsSpan(spec.TransportOffset + (isUdp ? 6 : 16), 2).ToArray() };
        var frame = spec.Unfinished();
        left.Write(spec.PartialHeader(), frame);
        Assert.True(ChecksumFinisher.Finish(frame, spec.PartialHeader()));
        Assert.Equal(frame, Receive(right).Frame);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Headers_that_the_kernel_writes_are_valid_and_become_canonical(bool isUdp) => AcrossBridge(KernelTap.TcpOffload | KernelTap.UdpOffload, isUdp, (left, right) =>
        Specs.Check(SuperFrames(isUdp), 150, spec =>
        {
            left.Write(spec.SuperHeader(), spec.Unfinished());
            var (header, frame) = Receive(right);
            Assert.True(OffloadValidator.TryNormalize(ref header, frame, out var fault), fault.ToString());
            Assert.Equal(spec.SuperHeader(), header);
            Assert.Equal(spec.Unfinished(), frame);
        }));

    [Fact]
    public void What_was_coalesced_the_kernel_takes_apart_again() => AcrossBridge(0, false, (left, right) =>
        Specs.Check(Specs.SuperFrames, 100, spec =>
        {
            var frames = spec.Segments();
            foreach (var (header, frame) in Batches.JoinPlain(new Coalescer(left.HasUdpOffload), frames)) left.Write(header, frame);
            foreach (var frame in frames) Assert.Equal(frame, Receive(right).Frame);
        }));

    private static FsCheck.Gen<FrameSpec> SuperFrames(bool isUdp) => Specs.SuperFramesWithOptions.Where(spec => spec.IsUdp == isUdp);

    private static void AcrossBridge(int offload, bool needsUdpOffload, Action<KernelTap, KernelTap> body)
    {
        PrivateNetwork.SkipUnlessPossible();
        PrivateNetwork.Run(() =>
        {
            using var left = new KernelTap("left", KernelTap.TcpOffload | KernelTap.UdpOffload);
            using var right = new KernelTap("right", offload);
            if (needsUdpOffload && !left.HasUdpOffload) Assert.Skip("This kernel takes no super-frames of UDP (USO, Linux 6.2).");
            PrivateNetwork.MakeBridge("bridge", "left", "right");
            body(left, right);
        });
    }

    // The kernel's own announcements come from other addresses than our frames.
    private static (VirtioNetHeader Header, byte[] Frame) Receive(KernelTap tap)
    {
        while (true)
        {
            Assert.True(tap.TryRead(Patience, out var header, out var frame), "Nothing came out of the bridge.");
            if (frame.AsSpan(6).StartsWith(new byte[] { 2, 0, 0, 0, 0, 1 })) return (header, frame);
        }
    }

    // Half of them with a value under the checksum that is not the sum of the pseudo-header: the kernel goes on from whatever is there.
    private static FsCheck.Gen<(FrameSpec Spec, byte[] Frame)> WithAnySum(FsCheck.Gen<FrameSpec> specs) =>
        from spec in specs
        from seed in Gen.Choose(-1_000_000, 1_000_000)
        select (spec, Disturb(spec, seed));

    private static byte[] Disturb(FrameSpec spec, int seed)
    {
        var frame = spec.Unfinished();
        if (seed > 0) new Random(seed).NextBytes(frame.AsSpan(spec.TransportOffset + (spec.IsUdp ? 6 : 16), 2));
        return frame;
    }
}
