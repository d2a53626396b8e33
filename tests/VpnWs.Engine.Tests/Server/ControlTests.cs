using System.Text;
using VpnWs.Server;
using VpnWs.Switching.Guards;
using VpnWs.Tests.Transport;

namespace VpnWs.Tests.Server;

/// <summary>The control interface on a live server.</summary>
[Collection(InProcess.Name)]
public sealed class ControlTests
{
    [Fact]
    public async Task The_peers_and_the_tap_are_told_with_what_is_known_of_them()
    {
        await using var lan = await InProcessLan.Start(tap: Ether.Mac(0xfe));
        var user = await lan.JoinUser("alice", Ether.Mac(1));
        var stranger = await lan.JoinRaw();
        await user.SendFrame(Ether.Frame(Ether.Mac(0xfe), Ether.Mac(1), 100));
        await lan.Tap.Receive();

        var peers = ControlReader.ReadPeers((await Ask(lan, ControlRequest.Write(ControlRequest.List))).Body);

        Assert.Equal([lan.Info().Id, user.Id, stranger.Id], peers.Select(peer => peer.Id));
        Assert.True(peers[0].IsTap);
        Assert.Equal(("uwsgi", "alice", "192.0.2.1", 100L), (peers[1].Transport, peers[1].RemoteUser, peers[1].RemoteAddress, peers[1].BytesReceived));
        Assert.Equal(Ether.Mac(1), peers[1].Mac);
        Assert.Equal(("http", "", "127.0.0.1"), (peers[2].Transport, peers[2].RemoteUser, peers[2].RemoteAddress));
    }

    [Fact]
    public async Task Kill_closes_the_peer_with_1008_and_no_other()
    {
        await using var lan = await InProcessLan.Start();
        var (one, two) = (await lan.JoinRaw(Ether.Mac(1)), await lan.JoinRaw(Ether.Mac(2)));
        Assert.Equal(200, (await Ask(lan, ControlRequest.Write(ControlRequest.Kill(one.Id)))).Status);
        await one.ExpectClose(1008);
        Assert.Contains("administrator", (await lan.Events.WaitFor<PeerLeft>()).Reason, StringComparison.Ordinal);
        await Eventually.True("it is gone", () => lan.Server.PeerCount == 1);
        Assert.Equal(404, (await Ask(lan, ControlRequest.Write(ControlRequest.Kill(one.Id)))).Status);
        Assert.Equal(two.Id, Assert.Single(lan.Server.GetPeers()).Id);
    }

    [Fact]
    public async Task A_killed_peer_that_does_not_answer_the_close_is_ended_all_the_same()
    {
        await using var lan = await InProcessLan.Start();
        var peer = await lan.JoinRaw(Ether.Mac(1));
        Assert.True(lan.Server.Kill(peer.Id));
        await Eventually.True("it is gone", () => lan.Server.PeerCount == 0);
    }

    [Fact]
    public async Task Nobody_else_can_be_killed_nor_the_tap_be_limited()
    {
        await using var lan = await InProcessLan.Start(tap: Ether.Mac(0xfe));
        var peer = await lan.JoinRaw(Ether.Mac(1));
        foreach (var id in new[] { 0, peer.Id + 1, peer.Id + (1L << 32), -peer.Id, lan.Info().Id })
            Assert.Equal(404, (await Ask(lan, ControlRequest.Write(ControlRequest.Kill(id)))).Status);
        Assert.False(lan.Server.Kill(lan.Info().Id));
        Assert.Equal(404, (await Ask(lan, ControlRequest.Write(ControlRequest.Set(lan.Info().Id, new PortLimits { FrameLimit = 1 })))).Status);
        await peer.SendFrame(Ether.Frame(Ether.Mac(0xfe), Ether.Mac(1)));
        await lan.Tap.Expect(Ether.Frame(Ether.Mac(0xfe), Ether.Mac(1)));
    }

    [Fact]
    public async Task Over_HTTP_there_is_no_control_interface()
    {
        await using var lan = await InProcessLan.Start();
        var peer = await lan.Connect(lan.Http);
        await peer.Send(ControlRequest.Write(ControlRequest.List));
        Assert.StartsWith("HTTP/1.1 400 ", await peer.ReadToEnd(), StringComparison.Ordinal);
    }

    private static async Task<ControlResponse> Ask(InProcessLan lan, byte[] request)
    {
        using var connection = await RawPeer.Connect(lan.Uwsgi);
        await connection.Send(request);
        return ControlResponse.Parse(Encoding.Latin1.GetBytes(await connection.ReadToEnd()));
    }
}
