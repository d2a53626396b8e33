using VpnWs.Ethernet;
using VpnWs.Tests.Offload;

namespace VpnWs.Tests.Ethernet;

public sealed class PacketLayoutTests
{
    [Fact]
    public void Headers_are_found_behind_tags_options_and_extension_headers() =>
        Specs.Check(Specs.SuperFramesWithOptions, 300, spec =>
        {
            byte[] frame = [.. spec.Finished(), 0, 0, 0];
            if (frame.Length > PacketLayout.MaxFrameLength) return;
            Assert.Equal(PacketStatus.Whole, PacketLayout.Read(frame, out var layout));
            Assert.Equal(spec.NetworkOffset, layout.NetworkOffset);
            Assert.Equal(spec.TransportOffset, layout.TransportOffset);
            Assert.Equal(frame.Length - 3, layout.End);
            Assert.Equal(frame.Length - 3 - spec.TransportOffset, layout.TransportLength);
            Assert.Equal(spec.Protocol, layout.Protocol);
            Assert.Equal(spec.IsIPv6, layout.IsIPv6);
            Assert.Equal(spec.Tags.Length > 0, layout.IsTagged);
            Assert.Equal(spec.NetworkOptions.Length > 0, layout.HasOptions);
            Assert.False(layout.IsFragment);
            var addresses = frame[layout.AddressOffset..(layout.AddressOffset + layout.AddressesLength)];
            Assert.Equal(spec.IsIPv6 ? 32 : 8, addresses.Length);
            Assert.Equal(2, addresses[^1]);
            Assert.Equal(InternetChecksum.Sum(addresses), layout.AddressSum(frame));
        });

    [Theory]
    [InlineData(13, PacketStatus.NotIP)]
    [InlineData(14, PacketStatus.Malformed)]
    [InlineData(33, PacketStatus.Malformed)]
    [InlineData(53, PacketStatus.Malformed)]
    [InlineData(54, PacketStatus.Whole)]
    internal void A_cut_frame_is_told_from_a_whole_one(int length, PacketStatus expected) =>
        Assert.Equal(expected, PacketLayout.Read(new FrameSpec().Finished().AsSpan(0, length), out _));

    [Theory]
    [InlineData(0x2000, true)]
    [InlineData(0x0001, true)]
    [InlineData(0x4000, false)]
    [InlineData(0x8000, false)]
    public void Fragments_are_told_by_their_offset_and_by_more_to_come(int field, bool expected)
    {
        PacketLayout.Read(new FrameSpec { Fragment = (ushort)field }.Finished(), out var layout);
        Assert.Equal(expected, layout.IsFragment);
    }

    [Fact]
    public void What_is_no_IP_packet_is_told()
    {
        byte[] arp = [.. new FrameSpec().Finished()[..12], 8, 6, .. new byte[28]];
        Assert.Equal(PacketStatus.NotIP, PacketLayout.Read(arp, out _));
        Assert.Equal(PacketStatus.NotIP, PacketLayout.Read([], out _));
        Assert.Equal(PacketStatus.NotIP, PacketLayout.Read(new byte[PacketLayout.MaxFrameLength + 1], out _));
        Assert.Equal(PacketStatus.NotIP, PacketLayout.Read(new FrameSpec { Tags = [0x8100_0001, 0x88a8_0002, 0x8100_0003] }.Finished(), out _));
    }
}
