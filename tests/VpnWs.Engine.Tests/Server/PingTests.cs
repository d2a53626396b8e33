using VpnWs.Server;
using VpnWs.Tests.Transport;
using VpnWs.Tests.WebSockets;
using VpnWs.WebSockets;

namespace VpnWs.Tests.Server;

/// <summary>How the server finds out who is still there.</summary>
[Collection(InProcess.Name)]
public sealed class PingTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private static Task<InProcessLan> Lan() => InProcessLan.Start(options => options with { PingInterval = Interval, PingTimeout = Patience });

    [Fact]
    public async Task A_peer_that_answers_stays_and_one_that_does_not_is_ended()
    {
        await using var lan = await Lan();
        var (lively, dead) = (await lan.JoinRaw(Ether.Mac(1)), await lan.JoinRaw(Ether.Mac(2)));
        for (var i = 0; i < 4; i++)
        {
            var ping = await lively.Next(Opcode.Ping);
            await lively.Send(Wire.Masked(Opcode.Pong, ping.Payload));
        }

        var left = await lan.Events.WaitFor<PeerLeft>();
        Assert.Equal((dead.Id, "ping not answered"), (left.Peer.Id, left.Reason));
        await dead.ExpectEnd();
    }

    [Fact]
    public async Task Whatever_a_peer_sends_is_a_sign_of_life()
    {
        await using var lan = await Lan();
        var talker = await lan.JoinRaw(Ether.Mac(1));
        var talking = TimeSpan.FromSeconds(1.6);
        for (var end = Environment.TickCount64 + (long)talking.TotalMilliseconds; Environment.TickCount64 < end;)
        {
            await talker.SendFrame(Ether.Frame(Ether.Multicast, Ether.Mac(1)));
            await Eventually.Holds("it stays", TimeSpan.FromMilliseconds(40), () => lan.Server.PeerCount == 1);
        }
    }

    [Fact]
    public async Task A_client_of_ours_stays()
    {
        await using var lan = await Lan();
        var station = await lan.Join(Ether.Mac(1));
        await Eventually.Holds("it stays", TimeSpan.FromSeconds(1.4), () => station.Client.IsConnected);
        Assert.Equal(1, station.Client.LinksMade);
    }

    [Fact]
    public async Task A_classic_peer_is_not_pinged_for_it_would_not_answer()
    {
        await using var lan = await Lan();
        var (classic, other) = (await lan.JoinRaw(Ether.Mac(1), "Sec-WebSocket-Version:"), await lan.JoinRaw(Ether.Mac(2)));
        await lan.Events.WaitFor<PeerLeft>(left => left.Peer.Id == other.Id);
        Assert.Equal(0, classic.Socket.Available);
        Assert.Equal(classic.Id, Assert.Single(lan.Server.GetPeers()).Id);
    }

    [Fact]
    public async Task A_silent_peer_stays_where_nobody_is_pinged()
    {
        await using var lan = await InProcessLan.Start(options => options with { PingInterval = TimeSpan.Zero, PingTimeout = Patience });
        var peer = await lan.JoinRaw(Ether.Mac(1));
        await Eventually.Holds("it stays", TimeSpan.FromSeconds(1.3), () => lan.Server.PeerCount == 1);
        Assert.Equal(0, peer.Socket.Available);
    }
}
