using System.Text;
using FsCheck.Fluent;
using VpnWs.Ethernet;
using VpnWs.Server;
using VpnWs.Tests.Http;

namespace VpnWs.Tests.Server;

public sealed class ControlReaderTests
{
    private const string FromC =
        """{"status":"ok","peers":[{"id":6,"MAC":"9A:00:00:00:00:01","REMOTE_ADDR":"","REMOTE_USER":"","DN":"","ts":"Thu Jan  1 00:00:00 1970","bridge":1,"macs":[],"unix":0,"tx":1,"rx":2},"""
        + """{"id":7,"MAC":"02:00:00:00:00:0A","REMOTE_ADDR":"192.0.2.7","REMOTE_USER":"foo","DN":"\/CN=\"x\"","ts":"Sun Nov 22 10:00:00 2026","bridge":0,"macs":["02:00:00:00:00:0B"],"unix":1795341600,"tx":3,"rx":4},"""
        + """{"id":8,"MAC":"00:00:00:00:00:00","REMOTE_ADDR":"","REMOTE_USER":"","DN":"","ts":"Thu Jan  1 00:00:00 1970","bridge":0,"macs":[],"unix":0,"tx":0,"rx":0}]}""";

    [Fact]
    public void The_C_servers_list_is_read()
    {
        var peers = Read(FromC);

        Assert.Equal([6L, 7L, 8L], peers.Select(peer => peer.Id));
        Assert.Equal([true, false, false], peers.Select(peer => peer.IsTap));
        var peer = peers[1];
        Assert.Equal(MacAddress.Parse("02:00:00:00:00:0a"), peer.Mac);
        Assert.Equal("192.0.2.7", peer.RemoteAddress);
        Assert.Equal("foo", peer.RemoteUser);
        Assert.Equal("/CN=\"x\"", peer.DistinguishedName);
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1_795_341_600), peer.ConnectedAt);
        Assert.False(peer.IsBridge);
        Assert.Equal([MacAddress.Parse("02:00:00:00:00:0b")], peer.Addresses);
        Assert.Equal(3, peer.BytesSent);
        Assert.Equal(4, peer.BytesReceived);
        Assert.Equal("", peer.Transport);
        Assert.Empty(peer.Drops);
        Assert.Null(peers[2].Mac);
        Assert.True(peers[0].IsBridge);
    }

    [Fact]
    public void Bytes_that_are_not_UTF8_are_taken_for_Latin1()
    {
        var peer = Assert.Single(ControlReader.ReadPeers(Encoding.Latin1.GetBytes("""{"peers":[{"REMOTE_USER":"j""" + "\u00fc" + """rgen"}]}""")));
        Assert.Equal("j\u00fcrgen", peer.RemoteUser);
    }

    [Theory]
    [InlineData("""{"peers":[{}]}""")]
    [InlineData("""{"peers":[7]}""")]
    [InlineData("""{"peers":[null]}""")]
    [InlineData("""{"peers":[{"id":"7","MAC":7,"REMOTE_USER":null,"macs":{},"unix":1.5,"tx":1e99,"drops":[],"idle_ms":-1,"classic":1,"tap":"x"}]}""")]
    [InlineData("""{"peers":[{"MAC":"nonsense","macs":[1,"x","00:00:00:00:00:00"]}]}""")]
    public void What_is_missing_or_of_another_kind_is_at_its_default(string json) =>
        Assert.Equivalent(new PeerInfo(), Assert.Single(Read(json)), strict: true);

    [Fact]
    public void Numbers_out_of_range_are_bounded()
    {
        var peer = Assert.Single(Read("""{"peers":[{"unix":9223372036854775807,"idle_ms":9223372036854775807}]}"""));
        Assert.Equal(9999, peer.ConnectedAt.Year);
        Assert.True(peer.IdleTime.TotalDays > 10_000_000);
        Assert.Equal(1, Assert.Single(Read("""{"peers":[{"unix":-9223372036854775808}]}""")).ConnectedAt.Year);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("<html>")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("{}")]
    [InlineData("""{"status":"not found"}""")]
    [InlineData("""{"peers":{}}""")]
    [InlineData("""{"peers":[{"REMOTE_USER":"\ud800"}]}""")]
    public void What_is_not_a_list_of_peers_is_said_to_be_none(string json) =>
        Assert.Throws<InvalidDataException>(() => ControlReader.ReadPeers(Encoding.UTF8.GetBytes(json)));

    [Theory]
    [InlineData("""{"status":"bad limits","reason":"there is no setting 'x'"}""", "there is no setting 'x'")]
    [InlineData("""{"reason":"one\r\ntwo\u001b[2J"}""", "one  two [2J")]
    [InlineData("""{"reason":"one\u202etwo\u2028three\u009bfour"}""", "one two three four")]
    [InlineData("""{"reason":""}""", null)]
    [InlineData("""{"reason":7}""", null)]
    [InlineData("""{"reason":"\ud800"}""", null)]
    [InlineData("""["reason"]""", null)]
    [InlineData("The handshake has no Sec-WebSocket-Key.", null)]
    [InlineData("", null)]
    public void A_reason_is_read_as_one_line(string body, string? reason) => Assert.Equal(reason, ControlReader.ReadReason(Encoding.UTF8.GetBytes(body)));

    [Fact]
    public void A_long_reason_is_cut() =>
        Assert.Equal(new string('x', 200) + "...", ControlReader.ReadReason(Encoding.UTF8.GetBytes($$"""{"reason":"{{new string('x', 100_000)}}"}""")));

    [Fact]
    public void No_input_makes_it_throw_anything_else() => Checks.Hold(
        Gen.OneOf(Checks.Bytes, Checks.Mutated(Encoding.UTF8.GetBytes(FromC))),
        input =>
        {
            OnlyInvalidData(() => ControlReader.ReadPeers(input));
            OnlyInvalidData(() => ControlResponse.Parse(input));
            ControlReader.ReadReason(input);
        },
        2000);

    [Theory]
    [InlineData("HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{}", 200, "{}")]
    [InlineData("HTTP/1.0 404 OK\r\nConnection: close\r\n\r\n{}", 404, "{}")]
    [InlineData("HTTP/1.1 404\r\n\r\n", 404, "")]
    [InlineData("HTTP/1.0 200 OK\r\ncontent-length:  2 \r\n\r\n{}more", 200, "{}")]
    public void A_response_is_taken_apart(string text, int status, string body)
    {
        var response = ControlResponse.Parse(Encoding.ASCII.GetBytes(text));
        Assert.Equal(status, response.Status);
        Assert.Equal(body, Encoding.ASCII.GetString(response.Body.Span));
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.0 200 OK\r\n")]
    [InlineData("HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\n{}")]
    [InlineData("HTTP/2 200 OK\r\n\r\n{}")]
    [InlineData("HTTP/1.0\r\n\r\n{}")]
    [InlineData("HTTP/1.0 -1 OK\r\n\r\n{}")]
    [InlineData("SSH-2.0 200 x\r\n\r\n{}")]
    public void What_is_no_response_or_cut_short_is_said_to_be(string text) =>
        Assert.Throws<InvalidDataException>(() => ControlResponse.Parse(Encoding.ASCII.GetBytes(text)));

    private static void OnlyInvalidData(Action action) =>
        Assert.True(Record.Exception(action) is null or InvalidDataException);

    private static IReadOnlyList<PeerInfo> Read(string json) => ControlReader.ReadPeers(Encoding.UTF8.GetBytes(json));
}
