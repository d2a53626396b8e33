using VpnWs.Ethernet;
using VpnWs.Http;
using VpnWs.WebSockets;

namespace VpnWs.Tests.Http;

public sealed class HandshakeJudgeTests
{
    private static readonly HandshakeRequest Strict = new() { WantsUpgrade = true, Version = "13", Key = "dGhlIHNhbXBsZSBub25jZQ==" };
    private static readonly HandshakeRequest Classic = new() { WantsUpgrade = true, Key = "Z0bbe8v/4dRb2g==" };

    [Fact]
    public void A_strict_client_is_accepted_with_the_RFCs_proof()
    {
        var verdict = Accepted(Strict);

        Assert.Equal("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", verdict.Accept); // RFC 6455 section 1.3
        Assert.False(verdict.IsClassic);
        Assert.Null(verdict.Protocol);
        Assert.Null(verdict.Mac);
        Assert.False(verdict.GrantBridge);
        Assert.Null(verdict.BridgeAnswer);
    }

    [Fact]
    public void A_classic_client_is_forgiven_its_short_key()
    {
        Assert.Equal("9qFjH6yOojG1zzKcBsdKRiaLBVw=", Accepted(Classic).Accept); // as the C server answers it
        Assert.True(Accepted(Classic).IsClassic);
        Assert.True(Accepted(Classic, HandshakeSource.Uwsgi).IsClassic);
        Refused(Strict with { Key = Classic.Key }, 400);
    }

    [Theory]
    [InlineData("x", true)]
    [InlineData("!~", true)]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData("a b", false)]
    [InlineData("a\u007f", false)]
    [InlineData("a\u00e9", false)]
    [InlineData("a\u0001", false)]
    public void A_classic_key_is_printable(string? key, bool taken)
    {
        if (taken) Accepted(Classic with { Key = key });
        else Refused(Classic with { Key = key }, 400);
    }

    [Fact]
    public void A_classic_key_has_at_most_64_bytes()
    {
        Accepted(Classic with { Key = new string('a', 64) });
        Refused(Classic with { Key = new string('a', 65) }, 400);
    }

    [Theory]
    [InlineData("AQIDBAUGBwgJCgsMDQ4PEC==", true)] // RFC 6455 section 4.1, the unused bits set
    [InlineData("AAAAAAAAAAAAAAAAAAAAAA==", true)]
    [InlineData("++++++++++++++++++++//==", true)]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAA=", false)] // 17 bytes
    [InlineData("AAAAAAAAAAAAAAAAAAAA", false)] // 15 bytes
    [InlineData("AAAAAAAAAAAAAAAAAAAAAA", false)]
    [InlineData("AAAAAAAAAAAAAAAAAAAAA===", false)]
    [InlineData("AAAAAAAAAA-AAAAAAAAAAA==", false)]
    [InlineData("AAAAAAAAAA AAAAAAAAAAA==", false)]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAA==", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void A_strict_key_is_16_bytes_in_base64(string? key, bool taken)
    {
        if (taken) Accepted(Strict with { Key = key });
        else Refused(Strict with { Key = key }, 400);
    }

    [Theory]
    [InlineData("8")]
    [InlineData("12")]
    [InlineData("13, 8")]
    [InlineData("013")]
    [InlineData("")]
    public void Another_version_is_answered_426(string version) => Refused(Strict with { Version = version }, 426);

    [Fact]
    public void A_plain_request_is_answered_426() => Refused(new HandshakeRequest(), 426);

    [Theory]
    [InlineData("POST")]
    [InlineData("get")]
    [InlineData("CONNECT")]
    public void Another_method_is_answered_405(string method) => Refused(Strict with { Method = method }, 405);

    [Theory]
    [InlineData("02:00:00:00:00:01")]
    [InlineData("9A:BC:DE:F0:12:34")]
    public void A_declared_address_is_passed_on(string mac) =>
        Assert.Equal(MacAddress.Parse(mac), Accepted(Strict with { DeclaredMac = mac }).Mac);

    [Theory]
    [InlineData("")]
    [InlineData("02:00:00:00:00")]
    [InlineData("02:00:00:00:00:0g")]
    [InlineData("02:00:00:00:00:01 ")]
    [InlineData("00:00:00:00:00:00")]
    [InlineData("01:00:5e:00:00:01")]
    [InlineData("ff:ff:ff:ff:ff:ff")]
    public void A_wrong_address_is_refused(string mac)
    {
        Refused(Strict with { DeclaredMac = mac }, 400);
        Refused(Classic with { DeclaredMac = mac }, 400);
    }

    [Theory]
    [InlineData(true, null, false)]
    [InlineData(true, true, true)]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    public void Over_HTTP_a_bridge_is_granted_only_where_allowed(bool wants, bool? allowed, bool granted) =>
        Bridge(HandshakeSource.Http, wants, allowed, granted);

    [Theory]
    [InlineData(true, null, true)]
    [InlineData(true, true, true)]
    [InlineData(true, false, false)]
    [InlineData(false, null, false)]
    public void Over_uwsgi_a_bridge_is_granted_unless_denied(bool wants, bool? allowed, bool granted) =>
        Bridge(HandshakeSource.Uwsgi, wants, allowed, granted);

    [Theory]
    [InlineData("vpn-ws.offload.v1", true, true)]
    [InlineData("a,vpn-ws.offload.v1,b", true, true)]
    [InlineData("vpn-ws.offload.v1", false, false)]
    [InlineData("VPN-WS.offload.v1", true, false)]
    [InlineData("vpn-ws.offload.v2", true, false)]
    [InlineData("chat", true, false)]
    public void Offload_alone_is_picked_and_only_where_offered_and_allowed(string offered, bool allowed, bool picked)
    {
        var request = Strict with { Protocols = offered.Split(',') };
        var verdict = Assert.IsType<HandshakeVerdict.Accepted>(HandshakeJudge.Judge(request, HandshakeSource.Http, null, allowed));

        Assert.Equal(picked ? "vpn-ws.offload.v1" : null, verdict.Protocol);
        Assert.Equal(picked, verdict.HasOffload);
    }

    private static void Bridge(HandshakeSource source, bool wants, bool? allowed, bool granted)
    {
        var verdict = Assert.IsType<HandshakeVerdict.Accepted>(
            HandshakeJudge.Judge(Strict with { WantsBridge = wants }, source, allowed, true));
        Assert.Equal(granted, verdict.GrantBridge);
        Assert.Equal(wants ? granted : null, verdict.BridgeAnswer);
    }

    private static HandshakeVerdict.Accepted Accepted(HandshakeRequest request, HandshakeSource source = HandshakeSource.Http) =>
        Assert.IsType<HandshakeVerdict.Accepted>(HandshakeJudge.Judge(request, source, null, true));

    private static void Refused(HandshakeRequest request, int status)
    {
        foreach (var source in Enum.GetValues<HandshakeSource>())
        {
            var verdict = Assert.IsType<HandshakeVerdict.Refused>(HandshakeJudge.Judge(request, source, null, true));
            Assert.Equal(status, verdict.Status);
            Assert.DoesNotContain('\n', verdict.Explanation);
        }
    }
}
