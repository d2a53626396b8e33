using VpnWs.Ethernet;
using VpnWs.Offload;

namespace VpnWs.Tests.Offload;

public sealed class FrameFinisherTests
{
    private readonly byte[] _room = new byte[PacketLayout.MaxFrameLength];

    [Fact]
    public void A_frame_that_only_lacks_its_checksum_comes_out_once_and_finished()
    {
        var spec = new FrameSpec { Payload = FrameSpec.Bytes(1) };
        var finisher = new FrameFinisher(spec.PartialHeader(), spec.Unfinished());
        Assert.True(finisher.Next(_room, out var length));
        Assert.Equal(spec.Finished(), _room[..length]);
        Assert.False(finisher.Next(_room, out _));
    }

    [Fact]
    public void A_frame_whose_checksum_cannot_be_finished_does_not_come_out()
    {
        var header = new VirtioNetHeader { Flags = VirtioNetHeader.NeedsChecksumFlag, ChecksumStart = 60, ChecksumOffset = 6 };
        var finisher = new FrameFinisher(header, new byte[60]);
        Assert.False(finisher.Next(_room, out _));
        Assert.False(finisher.Next(_room, out _));
    }

    [Fact]
    public void A_super_frame_comes_out_as_its_segments()
    {
        var spec = new FrameSpec { GsoSize = 100, Payload = FrameSpec.Bytes(250) };
        var finisher = new FrameFinisher(spec.SuperHeader(), spec.Unfinished());
        var segmenter = new Segmenter(spec.SuperHeader(), spec.Unfinished());
        var segment = new byte[PacketLayout.MaxFrameLength];
        while (segmenter.Next(segment, out var expected))
        {
            Assert.True(finisher.Next(_room, out var length));
            Assert.Equal(segment[..expected], _room[..length]);
        }

        Assert.Equal(3, segmenter.Count);
        Assert.False(finisher.Next(_room, out _));
    }
}
