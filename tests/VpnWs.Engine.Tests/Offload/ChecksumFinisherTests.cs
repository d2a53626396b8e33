using VpnWs.Offload;

namespace VpnWs.Tests.Offload;

public sealed class ChecksumFinisherTests
{
    [Theory]
    [InlineData(false, false, 0)]
    [InlineData(false, true, 1)]
    [InlineData(true, false, 1447)]
    [InlineData(true, true, 1448)]
    public void A_finished_frame_is_the_one_written_with_its_checksum(bool isIPv6, bool isUdp, int payload)
    {
        var spec = new FrameSpec { IsIPv6 = isIPv6, IsUdp = isUdp, Tags = [0x8100_0005], Payload = FrameSpec.Bytes(payload) };
        var frame = spec.Unfinished();
        var copy = new byte[frame.Length + 3];
        Assert.True(ChecksumFinisher.CopyFinished(frame, spec.PartialHeader(), copy));
        Assert.Equal(spec.Unfinished(), frame);
        Assert.Equal([.. spec.Finished(), 0, 0, 0], copy);
        Assert.True(ChecksumFinisher.Finish(frame, spec.PartialHeader()));
        Assert.Equal(spec.Finished(), frame);
    }

    [Fact]
    public void A_checksum_of_zero_is_stored_as_ones()
    {
        var spec = new FrameSpec { IsUdp = true, Payload = new byte[2] };
        var plain = spec.Finished();
        spec = spec with { Payload = plain[40..42] };
        var frame = spec.Unfinished();
        Assert.True(ChecksumFinisher.Finish(frame, spec.PartialHeader()));
        Assert.Equal([0xff, 0xff], frame[40..42]);
    }

    [Theory]
    [InlineData(0, 34, 6)]
    [InlineData(1, 34, 7)]
    [InlineData(1, 41, 0)]
    [InlineData(1, 0xffff, 0xffff)]
    public void Offsets_outside_the_frame_touch_nothing(byte flags, int start, int offset)
    {
        var frame = new FrameSpec { IsUdp = true }.Unfinished();
        Assert.Equal(42, frame.Length);
        var before = frame.ToArray();
        var copy = new byte[42];
        var header = new VirtioNetHeader { Flags = flags, ChecksumStart = (ushort)start, ChecksumOffset = (ushort)offset };
        Assert.False(ChecksumFinisher.Finish(frame, header));
        Assert.False(ChecksumFinisher.CopyFinished(frame, header, copy));
        Assert.Equal(before, frame);
        Assert.Equal(new byte[42], copy);
    }
}
