using System.Net;
using System.Text;
using VpnWs.Client;
using VpnWs.Server;
using VpnWs.Tests.Transport;
using VpnWs.Transport;
using VpnWs.WebSockets;

namespace VpnWs.Tests.Client;

/// <summary>What a client asks with, directly and through a proxy.</summary>
[Collection(InProcess.Name)]
public sealed class RequestTests
{
    [Fact]
    public async Task The_request_is_an_upgrade_with_a_fresh_key_and_the_taps_address()
    {
        var keys = new HashSet<string>();
        for (var i = 0; i < 3; i++)
        {
            var peer = await Ask(OffloadSwitch.On);
            Assert.StartsWith("GET /vpn?a=b HTTP/1.1\r\n", peer.Head, StringComparison.Ordinal);
            Assert.StartsWith("127.0.0.1:", peer.Field("Host"), StringComparison.Ordinal);
            Assert.Equal(("Upgrade", "websocket", "13"), (peer.Field("Connection"), peer.Field("Upgrade"), peer.Field("Sec-WebSocket-Version")));
            Assert.Equal("02:00:00:00:00:01", peer.Field("X-vpn-ws-MAC"));
            Assert.Equal("vpn-ws.offload.v1", peer.Field("Sec-WebSocket-Protocol"));
            Assert.Null(peer.Field("X-vpn-ws-bridge"));
            Assert.Null(peer.Field("Authorization"));
            Assert.True(WebSocketHandshake.IsStrictKey(peer.Field("Sec-WebSocket-Key")!));
            Assert.True(keys.Add(peer.Field("Sec-WebSocket-Key")!));
        }
    }

    [Fact]
    public async Task The_wish_to_be_a_bridge_and_no_offload_are_said()
    {
        var peer = await Ask(options => options with { Bridge = true, Offload = false });
        Assert.Equal("on", peer.Field("X-vpn-ws-bridge"));
        Assert.Null(peer.Field("Sec-WebSocket-Protocol"));
    }

    [Theory]
    [InlineData("alice:secret@", null, "alice:secret")]
    [InlineData("al%40ice:s%3Acr%2Ft%20%C3%A9@", null, "al@ice:s:cr/t \u00e9")]
    [InlineData("alice@", null, "alice")]
    [InlineData("alice:secret@", "bob", "bob:hidden")]
    [InlineData("", "bob", "bob:hidden")]
    public async Task Credentials_are_sent_decoded_and_those_given_apart_go_before_those_in_the_URL(string userInfo, string? user, string expected)
    {
        var peer = await Ask(options => options with { Credentials = user is null ? null : new NetworkCredential(user, "hidden") }, userInfo);
        var authorization = peer.Field("Authorization")!;
        Assert.StartsWith("Basic ", authorization, StringComparison.Ordinal);
        Assert.Equal(expected, Encoding.UTF8.GetString(Convert.FromBase64String(authorization["Basic ".Length..])));
    }

    [Fact]
    public async Task No_secret_is_told_in_events()
    {
        await using var server = new FakeServer();
        var station = server.Keep(await Station.Start(new Uri($"ws://alice:secret@127.0.0.1:{server.Port}/"), Ether.Mac(1)));
        var peer = await server.Accept();
        await peer.Send(FakeServer.Answer("401 Unauthorized"));
        await station.Events.WaitFor<ConnectFailed>();
        Assert.DoesNotContain("secret", station.Events.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("alice", station.Events.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headers_are_added_and_replace_those_of_their_name()
    {
        var peer = await Ask(options => options with
        {
            Headers = [new("X-Token", "a b; c"), new("Authorization", "Bearer t"), new("Host", "vpn.example.org"), new("User-Agent", "x/1 (y)")],
        }, "alice:secret@");
        Assert.Equal("a b; c", peer.Field("X-Token"));
        Assert.Equal("Bearer t", peer.Field("Authorization"));
        Assert.Equal("vpn.example.org", peer.Field("Host"));
        Assert.Equal("x/1 (y)", peer.Field("User-Agent"));
    }

    [Theory]
    [InlineData(null, null, true)]
    [InlineData("bob:secret", "bob:secret", true)]
    [InlineData("bob:secret", null, false)]
    [InlineData("bob:secret", "bob:wrong", false)]
    public async Task A_proxy_is_asked_for_a_tunnel_with_credentials_where_it_wants_them(string? wanted, string? given, bool succeeds)
    {
        using var proxy = new FakeProxy(wanted);
        await using var lan = await InProcessLan.Start(tap: Ether.Mac(0xfe));
        var address = new WebProxy(proxy.Uri);
        if (given?.Split(':') is [var user, var password]) address.Credentials = new NetworkCredential(user, password);
        await using var station = await Station.Start(lan.Uri, Ether.Mac(1), options => options with { Proxy = address, Reconnect = false });
        if (!succeeds)
        {
            var error = await Assert.ThrowsAsync<VpnWsException>(() => Eventually.Within("the client ends", station.Client.Completion));
            Assert.Equal((VpnWsFailure.Authentication, 407), (error.Failure, error.StatusCode));
            return;
        }

        await station.Events.WaitFor<Connected>();
        await lan.Events.WaitFor<PeerJoined>();
        Assert.All(proxy.Requests, request => Assert.StartsWith($"CONNECT 127.0.0.1:{lan.Http.Port} HTTP/1.1\r\n", request, StringComparison.Ordinal));
        station.Send(Ether.Mac(0xfe), 1500);
        await lan.Tap.Expect(Ether.Frame(Ether.Mac(0xfe), station.Mac, 1500));

        // The socket that a stop ends is the one to the proxy.
        await Eventually.Within("the client stops", station.Client.StopAsync());
        await Eventually.True("the peer is gone", () => lan.Server.PeerCount == 0);
    }

    [Fact]
    public async Task A_proxy_that_cannot_be_reached_is_unreachable()
    {
        using var proxy = new FakeProxy();
        var address = new WebProxy(proxy.Uri);
        proxy.Dispose();
        await using var server = new FakeServer();
        var station = server.Keep(await Station.Start(server.Uri, Ether.Mac(1), options => options with { Proxy = address, Reconnect = false }));
        var error = await Assert.ThrowsAsync<VpnWsException>(() => Eventually.Within("the client ends", station.Client.Completion));
        Assert.Equal(VpnWsFailure.Unreachable, error.Failure);
    }

    private static async Task<RawPeer> Ask(Func<VpnWsClientOptions, VpnWsClientOptions> with, string userInfo = "")
    {
        await using var server = new FakeServer();
        var station = server.Keep(await Station.Start(new Uri($"ws://{userInfo}127.0.0.1:{server.Port}/vpn?a=b"), Ether.Mac(1), with));
        return await server.Accept();
    }
}
