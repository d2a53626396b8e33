using VpnWs.Ethernet;

namespace VpnWs.Tests.Ethernet;

public class EthernetFrameTests
{
    private static readonly byte[] Header = Convert.FromHexString("0180c200000e02aabbccddee88cc");

    [Fact]
    public void A_header_of_14_bytes_gives_its_three_fields()
    {
        Assert.Equal("01:80:c2:00:00:0e", EthernetFrame.Destination(Header).ToString());
        Assert.Equal("02:aa:bb:cc:dd:ee", EthernetFrame.Source(Header).ToString());
        Assert.Equal(0x88cc, EthernetFrame.EtherType(Header));
    }

    [Fact]
    public void What_follows_the_header_does_not_matter()
    {
        var frame = Header.Concat(Enumerable.Repeat((byte)0xff, 50)).ToArray();
        Assert.Equal("01:80:c2:00:00:0e", EthernetFrame.Destination(frame).ToString());
        Assert.Equal("02:aa:bb:cc:dd:ee", EthernetFrame.Source(frame).ToString());
        Assert.Equal(0x88cc, EthernetFrame.EtherType(frame));
    }

    [Fact]
    public void The_type_of_a_tagged_frame_is_its_tag()
    {
        var frame = Convert.FromHexString("02000000000102000000000281000064" + "0800");
        Assert.Equal(0x8100, EthernetFrame.EtherType(frame));
    }
}
