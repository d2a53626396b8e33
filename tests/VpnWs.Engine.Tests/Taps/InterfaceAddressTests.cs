using FsCheck;
using FsCheck.Fluent;
using VpnWs.Taps;

namespace VpnWs.Tests.Taps;

public sealed class InterfaceAddressTests
{
    [Theory]
    [InlineData("10.0.0.1/24", "10.0.0.1/24")]
    [InlineData("10.0.0.1", "10.0.0.1/32")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0")]
    [InlineData("192.168.1.255/32", "192.168.1.255/32")]
    [InlineData("fd00::1/64", "fd00::1/64")]
    [InlineData("FD00:0:0::1", "fd00::1/128")]
    [InlineData("::/0", "::/0")]
    public void An_address_with_its_prefix_length_is_read(string text, string expected)
    {
        Assert.True(InterfaceAddress.TryParse(text, out var address));
        Assert.Equal(expected, address.ToString());
        Assert.Equal(address, InterfaceAddress.Parse(text));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("/24")]
    [InlineData("10.0.0.1/")]
    [InlineData("10.0.0.1/33")]
    [InlineData("10.0.0.1/-1")]
    [InlineData("10.0.0.1/+1")]
    [InlineData("10.0.0.1/ 24")]
    [InlineData("10.0.0.1/24/24")]
    [InlineData("10.0.0.1/99999999999")]
    [InlineData("fd00::1/129")]
    [InlineData("10")]
    [InlineData("10.1/8")]
    [InlineData("010.0.0.1/8")]
    [InlineData("0x0a.0.0.1/8")]
    [InlineData("[fd00::1]/64")]
    [InlineData("fe80::1%1/64")]
    [InlineData("vpn0")]
    public void Anything_else_is_not_an_address(string? text)
    {
        Assert.False(InterfaceAddress.TryParse(text, out var address));
        Assert.Equal(default, address);
        if (text is not null) Assert.Contains("10.0.0.1/24", Assert.Throws<FormatException>(() => InterfaceAddress.Parse(text)).Message);
    }

    [Fact]
    public void What_is_written_is_read_again()
    {
        Prop.ForAll<byte[], byte>(static (bytes, seed) =>
        {
            var six = seed % 2 == 0;
            var address = new System.Net.IPAddress([.. bytes.Concat(new byte[16]).Take(six ? 16 : 4)]);
            var given = new InterfaceAddress(address, seed % (six ? 129 : 33));
            return InterfaceAddress.Parse(given.ToString()) == given;
        }).QuickCheckThrowOnFailure();
    }
}
