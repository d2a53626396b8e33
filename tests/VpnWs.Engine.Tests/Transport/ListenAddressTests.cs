using System.Net;
using System.Net.Sockets;
using VpnWs.Transport;

namespace VpnWs.Tests.Transport;

public sealed class ListenAddressTests
{
    [Theory]
    [InlineData("/run/vpn-ws.sock")]
    [InlineData("vpn.sock")]
    [InlineData("./a:b")]
    [InlineData("/tmp/with:80")]
    [InlineData("../x")]
    public void What_has_no_colon_or_starts_like_a_path_is_a_Unix_socket(string text)
    {
        var address = ListenAddress.Parse(text);
        Assert.Equal(text, address.Path);
        Assert.IsType<UnixDomainSocketEndPoint>(address.EndPoint);
        Assert.Equal(text, address.ToString());
    }

    [Theory]
    [InlineData("127.0.0.1:80", "127.0.0.1", 80)]
    [InlineData(":8080", "0.0.0.0", 8080)]
    [InlineData(":0", "0.0.0.0", 0)]
    [InlineData("0.0.0.0:65535", "0.0.0.0", 65535)]
    [InlineData("[::1]:80", "::1", 80)]
    [InlineData("[2001:db8::1]:443", "2001:db8::1", 443)]
    public void A_host_and_a_port_are_TCP(string text, string host, int port)
    {
        var address = ListenAddress.Parse(text);
        Assert.Null(address.Path);
        Assert.Equal(new IPEndPoint(IPAddress.Parse(host), port), address.EndPoint);
        Assert.Equal(text, address.Text);
    }

    [Fact]
    public void A_name_is_resolved_later() => Assert.Equal(new DnsEndPoint("vpn.example.org", 8080), ListenAddress.Parse("vpn.example.org:8080").EndPoint);

    [Theory]
    [InlineData("")]
    [InlineData("host:")]
    [InlineData("host:port")]
    [InlineData("host:65536")]
    [InlineData("host:-1")]
    [InlineData("host:+1")]
    [InlineData("host: 1")]
    [InlineData("::1:80")]
    [InlineData("[::1]")]
    [InlineData("[]:80")]
    [InlineData("[:80")]
    [InlineData("[127.0.0.1]:80")]
    [InlineData("[::1:80")]
    [InlineData("a host:80")]
    [InlineData("bad_^name:80")]
    public void Anything_else_is_refused(string text) => Assert.NotEmpty(Assert.Throws<FormatException>(() => ListenAddress.Parse(text)).Message);

    [Fact]
    public void A_path_of_more_bytes_than_the_kernel_takes_is_refused()
    {
        Assert.Equal(107, ListenAddress.Parse("/" + new string('a', 106)).Path!.Length);
        Assert.Throws<FormatException>(() => ListenAddress.Parse("/" + new string('a', 107)));
        Assert.Throws<FormatException>(() => ListenAddress.Parse("/" + new string('\u00e9', 54)));
    }
}
