using VpnWs.Server;
using VpnWs.Switching.Guards;
using VpnWs.Tests.Transport;
using VpnWs.Transport;

namespace VpnWs.Tests.Server;

/// <summary>The control interface from the other end.</summary>
[Collection(InProcess.Name)]
public sealed class ControlClientTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Peers_are_listed_and_ended_over_a_socket_whichever_way_it_speaks(bool uwsgi)
    {
        var control = Path.Combine(Path.GetTempPath(), $"vpn-ws-control-{Guid.NewGuid():n}");
        await using var lan = await InProcessLan.Start(options => options with { ControlAddresses = [ListenAddress.Parse(control)] });
        var (one, two) = (await lan.JoinUser("alice", Ether.Mac(1)), await lan.JoinUser("bob", Ether.Mac(2)));
        using var client = ControlClient.OverSocket(ListenAddress.Parse(uwsgi ? lan.SocketPath : control));

        Assert.Equal(["alice", "bob"], (await client.GetPeersAsync(Cancel)).Select(static peer => peer.RemoteUser));
        var refusal = await Assert.ThrowsAsync<VpnWsException>(() => client.ChangeLimitsAsync(two.Id, new PortLimits { Vlan = 9999 }, Cancel));
        Assert.Equal((VpnWsFailure.Refused, 400, $"{client.Address} answered 400: vlan must be from 0 to 4094"), (refusal.Failure, refusal.StatusCode, refusal.Message));
        Assert.True(await client.KillAsync(one.Id, Cancel));
        await one.ExpectClose(1008);
        await Eventually.True("it is gone", () => lan.Server.PeerCount == 1);
        Assert.False(await client.KillAsync(one.Id, Cancel));
        Assert.Equal([two.Id], (await client.GetPeersAsync(Cancel)).Select(static peer => peer.Id));
    }

    [Fact]
    public async Task A_listener_for_clients_is_no_control_interface()
    {
        await using var lan = await InProcessLan.Start();
        using var client = ControlClient.OverSocket(ListenAddress.Parse(lan.Http.ToString()));
        var failure = await Assert.ThrowsAsync<VpnWsException>(() => client.GetPeersAsync(Cancel));
        Assert.Equal(VpnWsFailure.Refused, failure.Failure);
        Assert.Equal(0, lan.Server.PeerCount);
    }

    [Fact]
    public async Task What_cannot_be_reached_is_said()
    {
        using var socket = ControlClient.OverSocket(ListenAddress.Parse("/nonexistent/s"));
        var missing = await Assert.ThrowsAsync<VpnWsException>(() => socket.GetPeersAsync(Cancel));
        Assert.Equal((VpnWsFailure.Unreachable, "cannot connect to /nonexistent/s: there is no such socket"), (missing.Failure, missing.Message));
        using var relative = ControlClient.OverSocket(ListenAddress.Parse("./nosock"));
        Assert.Equal("cannot connect to ./nosock: there is no such socket", (await Assert.ThrowsAsync<VpnWsException>(() => relative.GetPeersAsync(Cancel))).Message);
        using var http = ControlClient.OverHttp(new Uri("http://user:secret@127.0.0.1:1/vpn_admin?x=1"));
        Assert.Equal("http://127.0.0.1:1/vpn_admin", http.Address);
        var failure = await Assert.ThrowsAsync<VpnWsException>(() => http.KillAsync(1, Cancel));
        Assert.Equal(VpnWsFailure.Unreachable, failure.Failure);
        Assert.DoesNotContain("secret", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ws://127.0.0.1/")]
    [InlineData("/vpn_admin")]
    public void What_is_no_HTTP_URL_is_refused(string text) =>
        Assert.Throws<ArgumentException>(() => ControlClient.OverHttp(new Uri(text, UriKind.RelativeOrAbsolute)));
}
