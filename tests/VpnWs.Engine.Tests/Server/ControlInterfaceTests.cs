using System.Text;
using System.Text.Json;
using FsCheck.Fluent;
using VpnWs.Ethernet;
using VpnWs.Server;
using VpnWs.Switching.Guards;
using VpnWs.Tests.Http;
using VpnWs.Uwsgi;
using VpnWs.WebSockets;

namespace VpnWs.Tests.Server;

public sealed class ControlInterfaceTests
{
    private const string Head =
        "Connection: close\r\nCache-Control: no-cache, no-store, must-revalidate\r\nPragma: no-cache\r\nExpires: 0\r\n"
        + "Content-Type: application/json\r\nContent-Length: ";

    private static readonly PeerInfo Peer = new()
    {
        Id = 7,
        Mac = MacAddress.Parse("02:aa:00:00:00:01"),
        RemoteAddress = "192.0.2.7",
        RemoteUser = "j\u00fcrgen+1",
        DistinguishedName = "CN=\"x\"",
        ConnectedAt = DateTimeOffset.FromUnixTimeSeconds(1_795_341_600),
        IsBridge = true,
        Addresses = [MacAddress.Parse("02:bb:00:00:00:01"), MacAddress.Parse("02:bb:00:00:00:02")],
        BytesSent = 11,
        BytesReceived = long.MaxValue,
        FramesSent = 13,
        FramesReceived = 14,
        FramesDropped = 3,
        Drops = new Dictionary<string, long> { ["foreign-source"] = 2, ["outbox-full"] = 1 },
        IdleTime = TimeSpan.FromMilliseconds(1234),
        Transport = "http",
        IsClassic = true,
        HasOffload = true,
        Rule = "staff-*",
        Limits = new PortLimits { Macs = [MacAddress.Parse("02:aa:00:00:00:01")], TaggedVlans = [new VlanRange(7, 7), new VlanRange(10, 19)], UploadLimit = 20_000_000, DhcpGuard = true },
        IsBlocked = true,
    };

    private static readonly PeerInfo Tap = new() { Id = 1, Mac = MacAddress.Parse("02:00:00:00:00:fe"), Transport = "tap", IsTap = true };

    [Fact]
    public void A_peer_is_told_with_the_C_servers_keys_first_and_in_its_order() => Assert.Equal(
        """{"status":"ok","peers":[{"id":7,"MAC":"02:AA:00:00:00:01","REMOTE_ADDR":"192.0.2.7","REMOTE_USER":"j"""
        + "\u00fc"
        + """rgen+1","DN":"CN=\"x\"","ts":"Sun Nov 22 10:00:00 2026","bridge":1,"macs":["02:BB:00:00:00:01","02:BB:00:00:00:02"]"""
        + ""","unix":1795341600,"tx":11,"rx":9223372036854775807,"frames_tx":13,"frames_rx":14,"dropped":3"""
        + ""","drops":{"foreign-source":2,"outbox-full":1},"idle_ms":1234,"transport":"http","classic":true,"offload":true,"tap":false"""
        + ""","rule":"staff-*","blocked":true,"limits":{"macs":["02:aa:00:00:00:01"],"dhcpGuard":true,"taggedVlans":[7,"10-19"],"uploadLimit":20000000}}]}""",
        Text(Answer("", new Target(Peer)).Body));

    [Fact]
    public void An_answer_has_the_C_servers_header()
    {
        var answer = Encoding.UTF8.GetString(ControlInterface.Answer("", new Target()));
        Assert.Equal("HTTP/1.0 200 OK\r\n" + Head + "26\r\n\r\n" + """{"status":"ok","peers":[]}""", answer);
    }

    [Fact]
    public void What_is_unknown_of_a_peer_is_zero_and_empty_but_there()
    {
        var body = Text(Answer("", new Target(new PeerInfo { Id = 2 })).Body);
        Assert.Contains(
            """{"id":2,"MAC":"00:00:00:00:00:00","REMOTE_ADDR":"","REMOTE_USER":"","DN":"","ts":"Thu Jan  1 00:00:00 1970","bridge":0,"macs":[],"unix":0,"tx":0,"rx":0,""",
            body,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_servers_tap_is_among_the_peers() =>
        Assert.Equal([1L, 7L], ControlReader.ReadPeers(Answer("", new Target(Tap, Peer)).Body).Select(peer => peer.Id));

    [Theory]
    [InlineData("2026-03-05T23:30:09Z", 60, "Fri Mar  6 00:30:09 2026")]
    [InlineData("2026-12-31T23:59:59+00:00", 0, "Thu Dec 31 23:59:59 2026")]
    [InlineData("2026-02-10T01:02:03+05:00", -120, "Mon Feb  9 18:02:03 2026")]
    public void The_time_is_local_and_as_ctime_writes_it(string time, int minutes, string text)
    {
        var zone = TimeZoneInfo.CreateCustomTimeZone("test", TimeSpan.FromMinutes(minutes), null, null);
        var peer = Peer with { ConnectedAt = DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture) };

        var answer = ControlInterface.Answer("", new Target(peer), zone);

        using var json = JsonDocument.Parse(ControlResponse.Parse(answer).Body);
        var ts = json.RootElement.GetProperty("peers")[0].GetProperty("ts").GetString();
        Assert.Equal(text, ts);
        Assert.Equal(24, ts!.Length);
    }

    [Theory]
    [InlineData("kill=7")]
    [InlineData("?kill=7")]
    [InlineData("kill=007")]
    [InlineData("a=b&kill=7")]
    [InlineData("a&kill=7&kill=8&b")]
    [InlineData("&&kill=7&")]
    public void Kill_ends_the_peer_wherever_it_stands_in_the_query(string query)
    {
        var target = new Target(Tap, Peer, Peer with { Id = 8 });
        var answer = Encoding.UTF8.GetString(ControlInterface.Answer(query, target));

        Assert.Equal([7L], target.Killed);
        Assert.Equal("HTTP/1.0 200 OK\r\n" + Head + "15\r\n\r\n" + """{"status":"ok"}""", answer);
    }

    [Theory]
    [InlineData("kill=8")]
    [InlineData("kill=1")] // the tap
    [InlineData("kill=4294967303")] // 7 and 2^32
    [InlineData("kill=18446744073709551623")] // 7 and 2^64
    [InlineData("kill=99999999999999999999999999999999")]
    [InlineData("kill=")]
    [InlineData("kill=&kill=7")]
    [InlineData("kill=-7")]
    [InlineData("kill=+7")]
    [InlineData("kill=7 ")]
    [InlineData("kill= 7")]
    [InlineData("kill=7.0")]
    [InlineData("kill=0x7")]
    [InlineData("kill=%37")]
    [InlineData("kill=\u0667")] // a digit, but not a decimal one of ASCII
    [InlineData("kill=7=")]
    public void Kill_of_anything_else_is_not_found(string query)
    {
        var target = new Target(Tap, Peer);
        var answer = Encoding.UTF8.GetString(ControlInterface.Answer(query, target));

        Assert.Empty(target.Killed);
        Assert.Equal("HTTP/1.0 404 Not Found\r\n" + Head + "22\r\n\r\n" + """{"status":"not found"}""", answer);
    }

    [Theory]
    [InlineData("Kill=7")]
    [InlineData("skill=7")]
    [InlineData("a=kill=7")]
    [InlineData("kill")]
    [InlineData("killer=7")]
    public void Another_key_lists_the_peers(string query)
    {
        var target = new Target(Peer);
        Assert.Single(ControlReader.ReadPeers(Answer(query, target).Body));
        Assert.Empty(target.Killed);
    }

    [Fact]
    public void Thousands_of_peers_are_told()
    {
        var target = new Target([.. Enumerable.Range(1, 5000).Select(id => Peer with { Id = id })]);
        Assert.Equal(Enumerable.Range(1, 5000).Select(id => (long)id), ControlReader.ReadPeers(Answer("", target).Body).Select(peer => peer.Id));
    }

    [Fact]
    public void Whatever_a_peer_says_of_itself_the_answer_is_JSON_and_is_read_back() => Checks.Hold(
        Checks.HostileText.Two().Two(),
        texts =>
        {
            var ((address, user), (dn, reason)) = texts;
            var peer = Peer with
            {
                RemoteAddress = address,
                RemoteUser = user,
                DistinguishedName = dn,
                Drops = new Dictionary<string, long> { [reason] = 5 },
            };
            var answer = ControlResponse.Parse(ControlInterface.Answer("", new Target(peer)));
            using var json = JsonDocument.Parse(answer.Body);
            Assert.Equal(Clean(user), json.RootElement.GetProperty("peers")[0].GetProperty("REMOTE_USER").GetString());

            var read = Assert.Single(ControlReader.ReadPeers(answer.Body));
            Assert.Equal(Clean(address), read.RemoteAddress);
            Assert.Equal(Clean(user), read.RemoteUser);
            Assert.Equal(Clean(dn), read.DistinguishedName);
            Assert.Equal([new(Clean(reason), 5)], read.Drops);
        });

    [Fact]
    public void Everything_told_of_a_peer_is_read_back()
    {
        var read = Assert.Single(ControlReader.ReadPeers(Answer("", new Target(Peer)).Body));
        Assert.Equivalent(Peer, read, strict: true);
        Assert.Equivalent(Tap, Assert.Single(ControlReader.ReadPeers(Answer("", new Target(Tap)).Body)), strict: true);
    }

    [Fact]
    public void Limits_are_changed_as_the_query_says()
    {
        var target = new Target(Tap, Peer);
        var change = new PortLimits { Ips = [System.Net.IPNetwork.Parse("10.0.0.0/8")], IsolationGroup = "a&b=ü" };
        Assert.Equal(200, Answer(ControlRequest.Set(7, change), target).Status);
        Assert.Equal($"7 {change}", Assert.Single(target.Changes));
        Assert.Equal(404, Answer(ControlRequest.Set(8, change), target).Status);
        Assert.Equal(404, Answer(ControlRequest.Set(1, change), target).Status);
        Assert.Equal(404, Answer("set=x&limits={}", target).Status);
        Assert.Equal(400, Answer("set=7&limits={\"vlan\":4095}", target).Status);
        Assert.Equal("""{"status":"bad limits","reason":"give limits=JSON with what is to change"}""", Text(Answer("set=7", target).Body));
        Assert.Equal(400, Answer("set=7&limits=", target).Status);
        Assert.Equal(400, Answer("set=7&limits=[]", target).Status);
        Assert.Equal(400, Answer("set=7&limit={}", target).Status);
        Assert.Equal(400, Answer("set=7&limits=" + new string('[', 10_000), target).Status);
        Assert.Equal(400, Answer("set=7&limits={\"vlan\":1,\"vlan\":2}", target).Status);
        Assert.Equal(400, Answer($"set=7&limits={{\"macs\":[{string.Join(',', Enumerable.Repeat("\"02:00:00:00:00:01\"", 10_000))}]}}", target).Status);
        Assert.Equal("""{"status":"bad limits","reason":"there is no setting \u0027\u0022\u0027"}""", Text(Answer("set=7&limits={\"\\\"\":1}", target).Body));
        Assert.Single(target.Changes);
    }

    [Fact]
    public void A_request_is_what_the_uwsgi_address_understands()
    {
        Assert.Equal("", Query(ControlRequest.Write(ControlRequest.List)));
        Assert.Equal("kill=42", Query(ControlRequest.Write(ControlRequest.Kill(42))));
    }

    private static string Query(byte[] packet)
    {
        Assert.Equal(HeadParseStatus.Complete, UwsgiPacket.TryParse(packet, 16_384, out var request, out _, out _));
        Assert.Equal(UwsgiPacket.Control, request!.Modifier1);
        return request.Query;
    }

    private static ControlResponse Answer(string query, IControlTarget target) =>
        ControlResponse.Parse(ControlInterface.Answer(query, target, TimeZoneInfo.Utc));

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    // Half a surrogate pair cannot be written in UTF-8; it is told as U+FFFD.
    private static string Clean(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private sealed class Target(params PeerInfo[] peers) : IControlTarget
    {
        public List<long> Killed { get; } = [];

        public IReadOnlyList<PeerInfo> GetPeers() => peers;

        public bool Kill(long id)
        {
            if (!peers.Any(peer => peer.Id == id && !peer.IsTap)) return false;
            Killed.Add(id);
            return true;
        }

        public List<string> Changes { get; } = [];

        public bool ChangeLimits(long id, PortLimits change)
        {
            if (!peers.Any(peer => peer.Id == id && !peer.IsTap)) return false;
            Changes.Add($"{id} {change}");
            return true;
        }
    }
}
