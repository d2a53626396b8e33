using VpnWs.Taps;

namespace VpnWs.Tests.Taps;

public sealed class InterfaceNameTests
{
    [Theory]
    [InlineData("vpn0")]
    [InlineData("a")]
    [InlineData("exactly15bytes_")]
    [InlineData("vpn%d")]
    [InlineData("%d")]
    [InlineData("...")]
    [InlineData("büro")]
    public void A_name_that_the_kernel_takes_passes(string name) => InterfaceName.Check(name, pattern: true);

    [Theory]
    [InlineData("", "empty")]
    [InlineData("sixteen_bytes_16", "16 bytes where 15 are the most")]
    [InlineData("zwölf_zwölf_zw", "16 bytes where 15 are the most")]
    [InlineData("a/b", "'/'")]
    [InlineData("a b", "space")]
    [InlineData("a\tb", "a?b")]
    [InlineData("a\0b", "control character")]
    [InlineData("a:b", "':'")]
    [InlineData("voil\u00e0", "space")]
    [InlineData(".", "not allowed")]
    [InlineData("..", "not allowed")]
    [InlineData("vpn%", "'%d'")]
    [InlineData("vpn%s", "'%d'")]
    [InlineData("a%d%d", "'%d'")]
    public void A_name_that_the_kernel_refuses_is_refused_with_its_reason(string name, string reason)
    {
        var message = Assert.Throws<TapException>(() => InterfaceName.Check(name, pattern: true)).Message;
        Assert.Contains(reason, message);
        Assert.DoesNotContain(message, char.IsControl);
    }

    [Fact]
    public void A_pattern_is_no_name_where_one_interface_is_meant() =>
        Assert.Contains("pattern", Assert.Throws<TapException>(() => InterfaceName.Check("vpn%d", pattern: false)).Message);
}
