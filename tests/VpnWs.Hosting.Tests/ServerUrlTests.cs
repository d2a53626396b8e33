using VpnWs.ClientProgram;

namespace VpnWs.Tests.Hosting;

public sealed class ServerUrlTests
{
    [Theory]
    [InlineData("ws://host", "ws://host/", null, null)]
    [InlineData("WSS://Host:443/A", "wss://host/A", null, null)]
    [InlineData("wss://user:pass@host/vpn", "wss://host/vpn", "user", "pass")]
    [InlineData("wss://us%40er:p%3Aa%2Fss%25@host/", "wss://host/", "us@er", "p:a/ss%")]
    [InlineData("wss://user:a:b@host/", "wss://host/", "user", "a:b")]
    [InlineData("wss://user@host/", "wss://host/", "user", "")]
    [InlineData("wss://:pass@host/", "wss://host/", "", "pass")]
    [InlineData("wss://j%C3%BCrgen:p%C3%A4ss@host/", "wss://host/", "j\u00fcrgen", "p\u00e4ss")]
    [InlineData("ws://u:p@[::1]:8080/a%20b?c=d%26e", "ws://[::1]:8080/a%20b?c=d%26e", "u", "p")]
    [InlineData("ws://u:p@my_host/", "ws://my_host/", "u", "p")]
    public void Credentials_are_decoded_and_taken_out(string text, string uri, string? user, string? password)
    {
        var (actual, credentials) = ServerUrl.Parse(text);
        Assert.Equal((uri, user, password), (actual.AbsoluteUri, credentials?.UserName, credentials?.Password));
    }

    [Theory]
    [InlineData("")]
    [InlineData("ws:")]
    [InlineData("ws://")]
    [InlineData("ws:///path")]
    [InlineData("ws://user:p@")]
    [InlineData("ws://host:99999")]
    [InlineData("http://host")]
    [InlineData("//host")]
    [InlineData("/path")]
    [InlineData("wsx://host")]
    public void What_is_no_websocket_url_is_refused(string text) => Assert.Throws<FormatException>(() => ServerUrl.Parse(text));

    [Theory]
    [InlineData("wss://user:hunter2@host/vpn", "wss://host/vpn")]
    [InlineData("wss://host:8443/vpn?token=hunter2", "wss://host:8443/vpn?...")]
    [InlineData("ws://[::1]:80/", "ws://[::1]/")]
    public void A_log_shows_no_credentials_and_no_query(string text, string expected) => Assert.Equal(expected, ServerUrl.Redact(new Uri(text)));
}
