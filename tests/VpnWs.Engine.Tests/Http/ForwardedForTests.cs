using System.Net;
using VpnWs.Http;

namespace VpnWs.Tests.Http;

public sealed class ForwardedForTests
{
    private static readonly IPNetwork[] Trusted = [IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("fd00::/8")];

    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7")]
    [InlineData("203.0.113.9, 192.0.2.7", "192.0.2.7")]
    [InlineData("192.0.2.7, 10.1.2.3, fd00::1", "192.0.2.7")]
    [InlineData("10.1.2.3", "10.1.2.3")]
    [InlineData("192.0.2.7:4711", "192.0.2.7")]
    [InlineData("[2001:db8::7]:4711", "2001:db8::7")]
    [InlineData("::ffff:192.0.2.7, ::ffff:10.0.0.1", "192.0.2.7")]
    [InlineData("junk, 192.0.2.7", "192.0.2.7")]
    [InlineData("192.0.2.7, unknown", null)]
    [InlineData(" , ", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void The_client_is_the_last_who_is_no_trusted_proxy(string? list, string? expected) =>
        Assert.Equal(expected, ForwardedFor.ClientOf(list, Trusted));

    [Fact]
    public void An_IPv4_address_in_the_form_of_IPv6_is_in_its_network()
    {
        Assert.True(ForwardedFor.Contains(Trusted, IPAddress.Parse("::ffff:10.0.0.1")));
        Assert.False(ForwardedFor.Contains(Trusted, IPAddress.Parse("::ffff:11.0.0.1")));
    }
}
