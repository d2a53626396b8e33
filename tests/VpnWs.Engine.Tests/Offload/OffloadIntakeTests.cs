using VpnWs.Offload;

namespace VpnWs.Tests.Offload;

public sealed class OffloadIntakeTests
{
    [Fact]
    public void What_a_validator_accepts_is_carried_untouched_with_its_canonical_header()
    {
        var spec = new FrameSpec { Payload = FrameSpec.Bytes(3000) };
        var frame = spec.Unfinished();
        var header = spec.SuperHeader() with { HeaderLength = (ushort)frame.Length };
        Assert.Equal(IntakeAction.Carry, OffloadIntake.Take(ref header, frame));
        Assert.Equal(spec.SuperHeader(), header);
        Assert.Equal(spec.Unfinished(), frame);
    }

    [Fact]
    public void An_unfinished_checksum_inside_a_tunnel_is_finished_here()
    {
        var inner = new FrameSpec { IsUdp = true, Payload = FrameSpec.Bytes(77) };
        byte[] vxlan = [8, 0, 0, 0, 0, 0, 5, 0];
        var frame = new FrameSpec { IsUdp = true, Payload = [.. vxlan, .. inner.Unfinished()] }.Finished();
        var expected = new FrameSpec { IsUdp = true, Payload = [.. vxlan, .. inner.Finished()] }.Finished();

        // Linux computes the outer checksum as if the inner one were finished already, so finishing the inner one makes both right.
        expected.AsSpan(40, 2).CopyTo(frame.AsSpan(40));
        var header = new VirtioNetHeader { Flags = 1, ChecksumStart = (ushort)(50 + inner.TransportOffset), ChecksumOffset = 6 };
        Assert.Equal(IntakeAction.Carry, OffloadIntake.Take(ref header, frame));
        Assert.Equal(default, header);
        Assert.Equal(expected, frame);
        Assert.True(Naive.ChecksumsAreRight(frame, 14, 34));
    }

    [Fact]
    public void A_super_frame_of_more_segments_than_peers_take_is_cut_here()
    {
        var spec = new FrameSpec { Payload = FrameSpec.Bytes(40_000), GsoSize = 36 };
        var header = spec.SuperHeader();
        Assert.Equal(IntakeAction.Segment, OffloadIntake.Take(ref header, spec.Unfinished()));
        Assert.Equal(spec.Segments(), Batches.Cut(header, spec.Unfinished()));
    }

    [Fact]
    public void What_cannot_be_finished_is_dropped()
    {
        var spec = new FrameSpec { Payload = FrameSpec.Bytes(3000) };
        var unknown = spec.SuperHeader() with { GsoType = (GsoType)3 };
        Assert.Equal(IntakeAction.Drop, OffloadIntake.Take(ref unknown, spec.Unfinished()));
        var outside = spec.PartialHeader() with { ChecksumStart = 4000 };
        Assert.Equal(IntakeAction.Drop, OffloadIntake.Take(ref outside, spec.Unfinished()));
        var plain = default(VirtioNetHeader);
        Assert.Equal(IntakeAction.Drop, OffloadIntake.Take(ref plain, new byte[13]));
    }

    [Fact]
    public void A_plain_frame_loses_hints_that_mean_nothing()
    {
        var header = new VirtioNetHeader { Flags = 2, HeaderLength = 54 };
        Assert.Equal(IntakeAction.Carry, OffloadIntake.Take(ref header, new FrameSpec().Finished()));
        Assert.Equal(default, header);
    }
}
