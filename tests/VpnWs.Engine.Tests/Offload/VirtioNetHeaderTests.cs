using VpnWs.Offload;

namespace VpnWs.Tests.Offload;

public sealed class VirtioNetHeaderTests
{
    private static readonly VirtioNetHeader Header = new()
    {
        Flags = 1,
        GsoType = GsoType.TcpV6 | GsoType.EcnBit,
        HeaderLength = 0x0102,
        GsoSize = 0x0304,
        ChecksumStart = 0x0506,
        ChecksumOffset = 0x0708,
    };

    [Fact]
    public void The_ten_bytes_are_little_endian_in_the_order_of_the_standard()
    {
        var bytes = new byte[12];
        Header.Write(bytes);
        Assert.Equal("01840201040306050807" + "0000", Convert.ToHexStringLower(bytes));
        Assert.Equal(Header, VirtioNetHeader.Read(bytes));
    }

    [Fact]
    public void Fewer_than_ten_bytes_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => VirtioNetHeader.Read(new byte[9]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Header.Write(new byte[9]));
    }

    [Fact]
    public void What_is_unfinished_can_be_asked()
    {
        Assert.True(Header.NeedsChecksum);
        Assert.False(Header.DataValid);
        Assert.True(Header.IsSuperFrame);
        Assert.Equal(GsoType.TcpV6, Header.Segmentation);
        Assert.False(Header.IsPlain);
        Assert.False(new VirtioNetHeader { Flags = 1 }.IsPlain);
        Assert.False(new VirtioNetHeader { GsoType = GsoType.UdpL4 }.IsPlain);
        Assert.True(new VirtioNetHeader { Flags = 2 }.IsPlain);
        Assert.True(new VirtioNetHeader { Flags = 2 }.DataValid);
        Assert.True(default(VirtioNetHeader).IsPlain);
    }

    [Fact]
    public void Every_field_counts_when_headers_are_compared()
    {
        var same = Header;
        Assert.True(same == Header);
        VirtioNetHeader[] others =
        [
            Header with { Flags = 0 }, Header with { GsoType = 0 }, Header with { HeaderLength = 0 },
            Header with { GsoSize = 0 }, Header with { ChecksumStart = 0 }, Header with { ChecksumOffset = 0 },
        ];
        Assert.All(others, other => Assert.True(other != Header));
    }
}
