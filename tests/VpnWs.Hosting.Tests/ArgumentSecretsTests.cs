using System.Text;
using VpnWs.Hosting;

namespace VpnWs.Tests.Hosting;

public sealed class ArgumentSecretsTests
{
    [Theory]
    [InlineData("wss://ada:love@host/vpn", "wss://ada:xxxx@host/vpn")]
    [InlineData("wss://ada:lo@ve@host:443", "wss://ada:xxxxx@host:443")]
    [InlineData("wss://ada@host/a:b@c", "wss://ada@host/a:b@c")]
    [InlineData("wss://host/vpn", "wss://host/vpn")]
    [InlineData("--proxy=http://p:q@proxy:3128", "--proxy=http://p:x@proxy:3128")]
    [InlineData("a:b@c", "a:b@c")]
    [InlineData("wss://:@", "wss://:@")]
    [InlineData("wss://ada:love@host/vpn?token=secret", "wss://ada:xxxx@host/vpn?xxxxxxxxxxxx")]
    [InlineData("wss://host?a@b:c#d", "wss://host?xxxxxxx")]
    [InlineData("--header=Authorization: Basic abc", "--header=Authorization: xxxxxxxxx")]
    [InlineData("--header\0Cookie:a=b://c@d", "--header\0Cookie:xxxxxxxxx")]
    [InlineData("--header\0--header\0wss://a:b@c", "--header\0--header\0wss://a:x@c")]
    [InlineData("--headers\0Cookie: a", "--headers\0Cookie: a")]
    public void Secrets_are_covered_and_nothing_else(string argument, string covered)
    {
        var memory = Encoding.UTF8.GetBytes($"vpn-ws-client\0{argument}\0vpn0\0{argument}");
        ArgumentSecrets.CoverAll(memory);
        Assert.Equal($"vpn-ws-client\0{covered}\0vpn0\0{covered}", Encoding.UTF8.GetString(memory));
    }
}
