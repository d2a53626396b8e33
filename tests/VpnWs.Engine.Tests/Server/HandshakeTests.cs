using System.Text;
using VpnWs.Ethernet;
using VpnWs.Http;
using VpnWs.Server;
using VpnWs.Switching;
using VpnWs.Tests.Transport;
using VpnWs.Tests.WebSockets;
using VpnWs.WebSockets;

namespace VpnWs.Tests.Server;

/// <summary>From the first byte of a connection to a peer, or to its end.</summary>
[Collection(InProcess.Name)]
public sealed class HandshakeTests
{
    private static readonly MacAddress TapMac = Ether.Mac(0xfe);
    private static readonly byte[] Frame = Ether.Frame(TapMac, Ether.Mac(1), 3000);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Frames_in_the_same_segment_as_the_request_are_not_lost(bool overUwsgi)
    {
        await using var lan = await InProcessLan.Start(tap: TapMac);
        var peer = await lan.Connect(overUwsgi ? lan.Uwsgi : lan.Http);
        var head = overUwsgi ? RawPeer.UwsgiHead(Ether.Mac(1)) : RawPeer.HttpHead(Ether.Mac(1));
        var message = Wire.Masked(Opcode.Binary, Frame);

        // The last one is cut, to be finished later.
        await peer.Send(head, message, message, message[..700]);
        await lan.Tap.Expect(Frame);
        await lan.Tap.Expect(Frame);
        await peer.Send(message[700..]);
        await lan.Tap.Expect(Frame);
        await peer.ExpectUpgrade();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_head_may_come_byte_by_byte(bool overUwsgi)
    {
        await using var lan = await InProcessLan.Start();
        var peer = await lan.Connect(overUwsgi ? lan.Uwsgi : lan.Http);
        foreach (var one in overUwsgi ? RawPeer.UwsgiHead(Ether.Mac(1)) : RawPeer.HttpHead(Ether.Mac(1))) await peer.Send([one]);
        await peer.ExpectUpgrade();
        var info = (await lan.Events.WaitFor<PeerJoined>()).Peer;
        Assert.Equal(overUwsgi ? ("uwsgi", "192.0.2.1") : ("http", "127.0.0.1"), (info.Transport, info.RemoteAddress));
        Assert.Equal(Ether.Mac(1), info.Mac);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n\r\n", 426)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\n\r\n", 405)]
    [InlineData("GET / HTTP/1.0\r\nHost: a\r\n\r\n", 505)]
    [InlineData("garbage\r\n\r\n", 400)]
    [InlineData("\u0016\u0003\u0001", 400)]
    public async Task What_is_no_upgrade_is_refused_in_words_and_reported(string head, int status)
    {
        await using var lan = await InProcessLan.Start();
        var peer = await lan.Connect(lan.Http);
        await peer.Send(Encoding.Latin1.GetBytes(head));
        Assert.StartsWith($"HTTP/1.1 {status} ", await peer.ReadToEnd(), StringComparison.Ordinal);
        Assert.Contains($"({status})", (await lan.Events.WaitFor<PeerRefused>()).Reason, StringComparison.Ordinal);
        Assert.Equal(0, lan.Server.PeerCount);
    }

    [Theory]
    [InlineData("X-vpn-ws-MAC: ff:ff:ff:ff:ff:ff", 400)]
    [InlineData("X-vpn-ws-MAC: nonsense", 400)]
    [InlineData("Sec-WebSocket-Version: 8", 426)]
    [InlineData("Sec-WebSocket-Key: short", 400)]
    [InlineData("Sec-WebSocket-Key:", 400)]
    public async Task A_bad_upgrade_is_refused(string header, int status)
    {
        await using var lan = await InProcessLan.Start();
        var peer = await lan.Connect(lan.Http);
        await peer.Send(RawPeer.HttpHead(null, header));
        Assert.StartsWith($"HTTP/1.1 {status} ", await peer.ReadToEnd(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 2, 0, 0, 0 })]
    [InlineData(new byte[] { 0, 4, 0, 0, 9, 0, 65, 66 })]
    [InlineData(new byte[] { 0, 0xff, 0xff, 0 })]
    [InlineData(new byte[] { 71, 69, 84, 32 })]
    public async Task A_uwsgi_packet_that_lies_is_refused(byte[] packet)
    {
        await using var lan = await InProcessLan.Start();
        var peer = await lan.Connect(lan.Uwsgi);
        await peer.Send(packet);
        Assert.StartsWith("HTTP/1.1 4", await peer.ReadToEnd(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("GET / HT")]
    public async Task A_head_that_never_ends_ends_with_its_time(string start)
    {
        await using var lan = await InProcessLan.Start(options => options with { HandshakeTimeout = TimeSpan.FromMilliseconds(500) });
        var peer = await lan.Connect(lan.Http);
        if (start.Length > 0) await peer.Send(Encoding.ASCII.GetBytes(start));
        await peer.ExpectEnd();
        Assert.Contains("too long", (await lan.Events.WaitFor<PeerRefused>()).Reason, StringComparison.Ordinal);

        // Others are not touched by it.
        await lan.JoinRaw(Ether.Mac(1));
    }

    [Fact]
    public async Task A_head_over_the_limit_is_refused_at_the_limit()
    {
        const int Limit = 1000;
        await using var lan = await InProcessLan.Start(options => options with { MaxHeadLength = Limit });
        var fits = RawPeer.HttpHead(null, "X-Filler: a");
        fits = RawPeer.HttpHead(null, "X-Filler: " + new string('a', Limit - fits.Length + 1));
        Assert.Equal(Limit, fits.Length);
        await lan.JoinRaw(lan.Http, fits);

        var peer = await lan.Connect(lan.Http);
        await peer.Send(RawPeer.HttpHead(null, "X-Filler: " + new string('a', 50_000)));
        Assert.StartsWith("HTTP/1.1 431 ", await peer.ReadToEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_server_says_so_and_takes_the_next_when_one_has_left()
    {
        await using var lan = await InProcessLan.Start(options => options with { MaxPeers = 2 });
        var (first, _) = (await lan.JoinRaw(Ether.Mac(1)), await lan.JoinRaw(Ether.Mac(2)));

        // Its first frames come right behind the request: the answer must not be lost in a reset for their sake.
        var third = await lan.Connect(lan.Http);
        await third.Send(RawPeer.HttpHead(Ether.Mac(3)), new byte[60_000]);
        Assert.StartsWith("HTTP/1.1 503 ", await third.ReadHead(), StringComparison.Ordinal);
        Assert.Contains("full", (await lan.Events.WaitFor<PeerRefused>()).Reason, StringComparison.Ordinal);
        Assert.Equal(2, lan.Server.PeerCount);

        first.Dispose();
        await Eventually.True("one has left", () => lan.Server.PeerCount == 1);
        await lan.JoinRaw(Ether.Mac(3));
    }

    [Fact]
    public async Task No_more_handshakes_than_allowed_are_under_way_at_once()
    {
        await using var lan = await InProcessLan.Start(options => options with { MaxHandshakes = 2 });
        var slow = new[] { await lan.Connect(lan.Http), await lan.Connect(lan.Http) };
        var third = await lan.Connect(lan.Http);
        await third.ExpectEnd();
        Assert.Contains("2 handshakes at once", (await lan.Events.WaitFor<PeerRefused>()).Reason, StringComparison.Ordinal);

        // Each ended handshake makes room for another, whether it ended well or not.
        slow[0].Dispose();
        await slow[1].Send(RawPeer.HttpHead(Ether.Mac(1)));
        await slow[1].ExpectUpgrade();
        for (var i = 0; i < 5; i++) await Ask(lan, "nonsense\r\n\r\n"u8.ToArray());
        for (var answer = ""; !answer.StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal);) answer = await Ask(lan, RawPeer.HttpHead(Ether.Mac(2)));
    }

    [Fact]
    public async Task A_classic_peer_is_served()
    {
        await using var lan = await InProcessLan.Start(tap: TapMac);
        var peer = await lan.JoinRaw(Ether.Mac(1), "Sec-WebSocket-Version:", $"Sec-WebSocket-Key: {RawPeer.Key}");
        Assert.True(lan.Info(peer.Id).IsClassic);

        // What its client sends when it is idle.
        await peer.Send([0x89, 0], Wire.Masked(Opcode.Binary, Frame));
        await lan.Tap.Expect(Frame);
        Assert.Equal(Opcode.Pong, (await peer.Read())!.Opcode);
        lan.Tap.Send(Ether.Frame(Ether.Mac(1), TapMac));
        await peer.Expect(Ether.Frame(Ether.Mac(1), TapMac));

        // It is forgiven pings alone.
        await peer.Send(Wire.Frame(Opcode.Binary, Frame));
        await peer.ExpectClose(1002);
    }

    [Fact]
    public async Task A_classic_peers_short_key_is_taken()
    {
        await using var lan = await InProcessLan.Start();
        var peer = await lan.Connect(lan.Http);
        await peer.Send(RawPeer.HttpHead(Ether.Mac(1), "Sec-WebSocket-Version:", "Sec-WebSocket-Key: MDEyMzQ1Njc4OQ=="));
        Assert.StartsWith("HTTP/1.1 101 ", await peer.ReadHead(), StringComparison.Ordinal);
        Assert.Equal(WebSocketHandshake.ComputeAccept("MDEyMzQ1Njc4OQ=="), peer.Field("Sec-WebSocket-Accept"));
    }

    [Fact]
    public async Task A_classic_peer_gets_nothing_for_a_while_after_its_101_since_it_would_throw_it_away()
    {
        // The timer of the engine is no finer than this.
        const long Quiet = 50 - 16;
        using var channel = new FakeChannel();
        var options = new VpnWsServerOptions();
        var fabric = new VirtualSwitch(new SwitchOptions(), new SwitchReporter(_ => { }));
        var peers = new PeerTable(options, fabric, new RuleBook(options), () => 1, _ => { });
        var request = new HandshakeRequest { Key = "k" };
        var verdict = new HandshakeVerdict.Accepted { Accept = "x", IsClassic = true };
        Assert.True(peers.TryReserve());

        // A ping that came with the request is answered at once where nothing is held back.
        var serving = peers.ServeAsync(channel, request, verdict, HandshakeSource.Http, "", new byte[] { 0x89, 0 });
        await Eventually.True("the pong is sent", () => channel.Times.Count == 2);
        channel.Bring();
        await Eventually.Within("the peer leaves", serving);

        var times = channel.Times.ToArray();
        Assert.Equal([0x8a, 0], channel.Sent[times[0].Length..]);
        Assert.InRange(times[1].Time - times[0].Time, Quiet, long.MaxValue);
        Assert.Equal(0, peers.Count);
    }

    [Fact]
    public async Task Stopping_ends_handshakes_that_are_under_way()
    {
        await using var lan = await InProcessLan.Start();
        var (silent, slow) = (await lan.Connect(lan.Http), await lan.Connect(lan.Http));
        await slow.Send("GET / HT"u8.ToArray());

        // They are taken in turn: who is answered comes behind them.
        Assert.StartsWith("HTTP/1.1 400 ", await Ask(lan, "nonsense\r\n\r\n"u8.ToArray()), StringComparison.Ordinal);
        await lan.Server.StopAsync();
        await silent.ExpectEnd();
        await slow.ExpectEnd();
    }

    private static async Task<string> Ask(InProcessLan lan, byte[] request)
    {
        using var peer = await RawPeer.Connect(lan.Http);
        try
        {
            await peer.Send(request);
            return Encoding.Latin1.GetString(await peer.ReadOnce());
        }
        catch (IOException)
        {
            return "closed at once: the last handshake was not over yet";
        }
    }
}
