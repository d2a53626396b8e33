using System.Text;
using VpnWs.Http;

namespace VpnWs.Tests.Http;

public sealed class HttpResponseTests
{
    [Theory]
    [InlineData(null, null, "")]
    [InlineData("vpn-ws.offload.v1", null, "Sec-WebSocket-Protocol: vpn-ws.offload.v1\r\n")]
    [InlineData(null, true, "X-vpn-ws-bridge: on\r\n")]
    [InlineData("p", false, "Sec-WebSocket-Protocol: p\r\nX-vpn-ws-bridge: off\r\n")]
    public void An_acceptance_says_what_was_granted_and_nothing_else(string? protocol, bool? bridge, string extra) => Assert.Equal(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: abc=\r\n" + extra + "\r\n",
        Encoding.ASCII.GetString(HttpResponse.SwitchingProtocols("abc=", protocol, bridge)));

    [Theory]
    [InlineData(400, "400 Bad Request")]
    [InlineData(403, "403 Forbidden")]
    [InlineData(404, "404 Not Found")]
    [InlineData(405, "405 Method Not Allowed")]
    [InlineData(426, "426 Upgrade Required")]
    [InlineData(431, "431 Request Header Fields Too Large")]
    [InlineData(503, "503 Service Unavailable")]
    [InlineData(505, "505 HTTP Version Not Supported")]
    [InlineData(599, "599 ")]
    public void A_refusal_names_its_status_and_explains_itself(int status, string line)
    {
        var (head, body) = Split(HttpResponse.Error(status, "N\u00f6."));

        Assert.Equal("HTTP/1.1 " + line, head[0]);
        Assert.Equal("N\u00f6.\n", body);
        Assert.Contains("Content-Length: 5", head);
        Assert.Contains("Content-Type: text/plain; charset=utf-8", head);
        Assert.Contains(head, field => field.StartsWith("Connection: close", StringComparison.Ordinal));
    }

    [Fact]
    public void A_426_names_the_version_and_the_protocol_to_upgrade_to()
    {
        var (head, _) = Split(HttpResponse.Error(426, "x"));

        Assert.Contains("Sec-WebSocket-Version: 13", head);
        Assert.Contains("Upgrade: websocket", head);
        Assert.Contains("Connection: close, Upgrade", head);
    }

    [Fact]
    public void A_405_names_what_is_allowed() => Assert.Contains("Allow: GET", Split(HttpResponse.Error(405, "x")).Head);

    [Fact]
    public void Further_headers_are_added() => Assert.Contains("Retry-After: 5", Split(HttpResponse.Error(503, "x", ("Retry-After", "5"))).Head);

    [Theory]
    [InlineData("a\r\nX: y")]
    [InlineData("a\n")]
    public void A_header_cannot_smuggle_another(string value)
    {
        Assert.Throws<ArgumentException>(() => HttpResponse.SwitchingProtocols("a", value, null));
        Assert.Throws<ArgumentException>(() => HttpResponse.Error(400, "x", ("A", value)));
        Assert.Throws<ArgumentException>(() => HttpResponse.Error(400, "x", (value, "a")));
    }

    [Fact]
    public void A_verdict_becomes_its_answer()
    {
        var accepted = new HandshakeVerdict.Accepted { Accept = "abc=", Protocol = "p", BridgeAnswer = false };

        Assert.Equal(HttpResponse.SwitchingProtocols("abc=", "p", false), HttpResponse.For(accepted));
        Assert.Equal(HttpResponse.Error(400, "No."), HttpResponse.For(new HandshakeVerdict.Refused(400, "No.")));
    }

    private static (string[] Head, string Body) Split(byte[] response)
    {
        var parts = Encoding.UTF8.GetString(response).Split("\r\n\r\n");
        Assert.Equal(2, parts.Length);
        return (parts[0].Split("\r\n"), parts[1]);
    }
}
