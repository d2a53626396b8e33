using System.Net;
using VpnWs.Ethernet;
using VpnWs.Server;
using VpnWs.Switching;
using VpnWs.Tests.Transport;
using VpnWs.Tests.WebSockets;
using VpnWs.Uwsgi;
using VpnWs.WebSockets;

namespace VpnWs.Tests.Server;

/// <summary>The bounds of a running server: who is over one is told, the log says so, others go on.</summary>
[Collection(InProcess.Name)]
public sealed class LimitTests
{
    private const string Mallory = "192.0.2.66";
    private const string Alice = "192.0.2.1";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Behind_a_proxy_the_address_is_the_clients_and_never_the_proxys(bool overUwsgi)
    {
        await using var lan = await InProcessLan.Start(options => options with { MaxPeersPerAddress = 2, TrustedProxies = [IPNetwork.Parse("127.0.0.0/8")] });
        await Join(Mallory);
        await Join(Mallory);
        Assert.StartsWith("HTTP/1.1 429 ", await Ask(Mallory), StringComparison.Ordinal);
        Assert.Contains("2 peers from this address, the most allowed. (429)", (await lan.Events.WaitFor<PeerRefused>()).ToString(), StringComparison.Ordinal);
        await Join(Alice);

        // Where the proxy does not tell, nobody is counted: else it would be locked out as a whole.
        for (var i = 0; i < 4; i++) await Join("");

        Task Join(string client) => lan.JoinRaw(overUwsgi ? lan.Uwsgi : lan.Http, Head(client));

        async Task<string> Ask(string client)
        {
            var peer = await lan.Connect(overUwsgi ? lan.Uwsgi : lan.Http);
            await peer.Send(Head(client));
            return await peer.ReadHead();
        }

        byte[] Head(string client) => overUwsgi ? RawPeer.UwsgiHead(null, new KeyValuePair<string, string>("REMOTE_ADDR", client)) : RawPeer.HttpHead(null, $"X-Forwarded-For: {client}");
    }

    [Fact]
    public async Task A_user_has_no_more_peers_than_allowed_and_one_that_leaves_makes_room()
    {
        await using var lan = await InProcessLan.Start(options => options with { MaxPeersPerUser = 1 });
        var first = await lan.JoinUser("ada");
        var second = await lan.Connect(lan.Uwsgi);
        await second.Send(RawPeer.UwsgiHead(null, new KeyValuePair<string, string>("REMOTE_USER", "ada")));
        Assert.StartsWith("HTTP/1.1 429 ", await second.ReadHead(), StringComparison.Ordinal);
        Assert.Equal("ada", (await lan.Events.WaitFor<PeerRefused>()).RemoteUser);
        await lan.JoinUser("grace");
        first.Dispose();
        await Eventually.True("the first has left", () => lan.Server.PeerCount == 1);
        await lan.JoinUser("ada");
    }

    [Fact]
    public async Task Who_comes_too_often_through_a_proxy_is_answered_429_and_others_come_in()
    {
        await using var lan = await InProcessLan.Start(options => options with { HandshakeRatePerAddress = 1 });
        var answers = new List<string>();
        for (var i = 0; i < 13; i++)
        {
            var peer = await lan.Connect(lan.Uwsgi);
            await peer.Send(RawPeer.UwsgiHead(null, new KeyValuePair<string, string>("REMOTE_ADDR", Mallory)));
            answers.Add((await peer.ReadHead())[..12]);
        }

        Assert.Equal(Enumerable.Repeat("HTTP/1.1 101", 10), answers[..10]);
        Assert.Contains("HTTP/1.1 429", answers[10..]);
        await lan.JoinRaw(lan.Uwsgi, RawPeer.UwsgiHead(null, new KeyValuePair<string, string>("REMOTE_ADDR", Alice)));
    }

    [Fact]
    public async Task Slow_handshakes_make_way_and_keep_nobody_from_the_control_interface()
    {
        await using var lan = await InProcessLan.Start(options => options with { MaxHandshakes = 2 });
        var slow = new[] { await lan.Connect(lan.Http), await lan.Connect(lan.Http) };
        await slow[0].Send("GET / HT"u8.ToArray());
        var operators = await lan.Connect(lan.Uwsgi);
        await operators.Send(UwsgiPacket.Write(UwsgiPacket.Control, []));
        Assert.StartsWith("HTTP/1.0 200 ", await operators.ReadHead(), StringComparison.Ordinal);

        // Within their first two seconds nobody has to make way; then one does for each who comes.
        await Eventually.Within("somebody new is let in", UntilLetIn(lan));
        await lan.Events.WaitFor<PeerRefused>(refused => refused.Reason.StartsWith("its handshake was slow", StringComparison.Ordinal));
        await slow[0].ExpectEnd();
    }

    private static async Task UntilLetIn(InProcessLan lan)
    {
        while (true)
        {
            using var peer = await RawPeer.Connect(lan.Http);
            try
            {
                await peer.Send(RawPeer.HttpHead());
                await peer.ExpectUpgrade();
                return;
            }
            catch (Exception e) when (e is IOException or Xunit.Sdk.XunitException)
            {
                await Task.Delay(250, TestContext.Current.CancellationToken);
            }
        }
    }

    [Fact]
    public async Task No_more_control_requests_than_allowed_are_answered_at_once()
    {
        await using var lan = await InProcessLan.Start(options => options with { MaxControlRequests = 1 });

        // It is under way until whoever asked has gone.
        var first = await lan.Connect(lan.Uwsgi);
        await first.Send(UwsgiPacket.Write(UwsgiPacket.Control, []));
        Assert.StartsWith("HTTP/1.0 200 ", await first.ReadHead(), StringComparison.Ordinal);
        var second = await lan.Connect(lan.Uwsgi);
        await second.Send(UwsgiPacket.Write(UwsgiPacket.Control, []));
        Assert.StartsWith("HTTP/1.1 503 ", await second.ReadHead(), StringComparison.Ordinal);
        Assert.Contains("requests to the control interface", (await lan.Events.WaitFor<PeerRefused>()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bridge_fills_the_table_no_further_than_allowed_and_plain_peers_have_their_places()
    {
        await using var lan = await InProcessLan.Start(options => options with { MaxAddresses = 10, PeerBridge = true });
        var bridge = await lan.JoinRaw(null, "X-vpn-ws-bridge: on");
        for (var i = 0; i < 30; i++) await bridge.SendFrame(Ether.Frame(MacAddress.Broadcast, Ether.Mac(100 + i)));
        await lan.ExpectDrops(20, DropReason.TableFull, bridge.Id);
        Assert.Equal(10, 1 + lan.Info(bridge.Id).Addresses.Count);
        var plain = await lan.JoinRaw(Ether.Mac(1));
        Assert.Equal(Ether.Mac(1), lan.Info(plain.Id).Mac);
        await bridge.SendFrame(Ether.Frame(Ether.Mac(1), Ether.Mac(100)));
        await plain.Expect(Ether.Frame(Ether.Mac(1), Ether.Mac(100)));
        var told = await lan.Events.WaitFor<LimitReached>();
        Assert.Equal((bridge.Id, true), (told.PeerId, told.Dropped > 0));
        Assert.Equal("it uses more addresses than the 1024 that it may have, or all have more than 10", told.Limit);
    }

    [Fact]
    public async Task Queues_hold_no_more_together_than_allowed_and_who_reads_is_served_on()
    {
        const int Total = 1 << 20;
        const int Stalled = 6;
        await using var lan = await InProcessLan.Start(options => options with { TotalOutboxLimit = Total });
        var sender = await lan.JoinRaw(Ether.Mac(1));
        var stalled = new List<RawPeer>();
        for (var i = 0; i < Stalled; i++) stalled.Add(await lan.JoinRaw(lan.Http, RawPeer.HttpHead(Ether.Mac(10 + i)), receiveBuffer: 8192));
        var reader = await lan.JoinRaw(Ether.Mac(2));

        var batches = stalled.Select((_, i) => Enumerable.Repeat(Wire.Masked(Opcode.Binary, Ether.Frame(Ether.Mac(10 + i), Ether.Mac(1), 1400)), 100).SelectMany(bytes => bytes).ToArray()).ToArray();
        while (stalled.Any(peer => lan.Drops(DropReason.OutboxFull, peer.Id) == 0))
        {
            foreach (var batch in batches) await sender.Send(batch);
        }

        // The last buffer that was rented may go over it, and each has a share of its own.
        Assert.InRange(lan.Server.GetStatistics().QueuedBytes, Total / 4, 2 * Total);
        var frame = Ether.Frame(Ether.Mac(2), Ether.Mac(1), 1400);
        for (var i = 0; i < 50; i++)
        {
            await sender.SendFrame(frame);
            await reader.Expect(frame);
        }

        await lan.Events.WaitFor<LimitReached>(told => told.PeerId is null);
        foreach (var peer in stalled) peer.Dispose();
        await Eventually.True("nothing stays queued", () => lan.Server.GetStatistics().QueuedBytes == 0);
    }
}
