using VpnWs.Client;
using VpnWs.Ethernet;
using VpnWs.Switching;
using VpnWs.Tests.Transport;

namespace VpnWs.Tests.Server;

/// <summary>Frames between clients, hand-made peers and the server's tap.</summary>
[Collection(InProcess.Name)]
public sealed class ForwardingTests
{
    private static readonly MacAddress TapMac = Ether.Mac(0xfe);

    [Fact]
    public async Task Unicast_goes_to_its_station_alone_and_broadcast_and_multicast_to_all_others()
    {
        await using var lan = await InProcessLan.Start(tap: TapMac);
        var (a, b, c) = (await lan.Join(Ether.Mac(1)), await lan.Join(Ether.Mac(2)), await lan.JoinRaw(Ether.Mac(3)));

        // Each round ends with a frame to everybody, so that a frame too many would be seen before it.
        foreach (var (seed, group) in new[] { (1, MacAddress.Broadcast), (2, Ether.Multicast) })
        {
            var toB = Ether.Frame(b.Mac, a.Mac, seed: seed);
            var toTap = Ether.Frame(TapMac, a.Mac, seed: seed);
            var toC = Ether.Frame(Ether.Mac(3), a.Mac, seed: seed);
            var toAll = Ether.Frame(group, a.Mac, seed: seed);
            foreach (var frame in new[] { toB, toTap, toC, toAll }) a.Tap.Send(frame);
            await b.Tap.Expect(toB);
            await b.Tap.Expect(toAll);
            await lan.Tap.Expect(toTap);
            await lan.Tap.Expect(toAll);
            await c.Expect(toC);
            await c.Expect(toAll);
        }

        lan.Tap.Send(Ether.Frame(MacAddress.Broadcast, TapMac, seed: 3));
        await a.Tap.Expect(Ether.Frame(MacAddress.Broadcast, TapMac, seed: 3));
        await b.Tap.Expect(Ether.Frame(MacAddress.Broadcast, TapMac, seed: 3));
        await c.Expect(Ether.Frame(MacAddress.Broadcast, TapMac, seed: 3));
        await c.SendFrame(Ether.Frame(TapMac, Ether.Mac(3), seed: 4));
        await lan.Tap.Expect(Ether.Frame(TapMac, Ether.Mac(3), seed: 4));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task Frames_of_every_size_pass_whole_both_ways(bool offload, bool offloadTap)
    {
        int[] edges = [14, 15, 59, 60, 61, 125, 126, 127, 255, 256, 257, 1514, 9014, 65_525, 65_526, 65_535, 65_536, 65_537, Ether.MaxLength - 1, Ether.MaxLength];
        await using var lan = await InProcessLan.Start(options => options with { Offload = offload }, TapMac, offloadTap);
        var (a, b) = (await lan.Join(Ether.Mac(1), OffloadSwitch.On, offloadTap), await lan.Join(Ether.Mac(2), OffloadSwitch.On));
        await Announce(lan, a, b);
        foreach (var length in edges)
        {
            a.Send(b.Mac, length, length);
            await b.Tap.Expect(Ether.Frame(b.Mac, a.Mac, length, length));
            b.Send(a.Mac, length, length);
            await a.Tap.Expect(Ether.Frame(a.Mac, b.Mac, length, length));
            a.Send(TapMac, length, length);
            await lan.Tap.Expect(Ether.Frame(TapMac, a.Mac, length, length));
            lan.Tap.Send(Ether.Frame(a.Mac, TapMac, length, length));
            await a.Tap.Expect(Ether.Frame(a.Mac, TapMac, length, length));
        }
    }

    [Fact]
    public async Task Thousands_of_random_frames_arrive_whole_and_in_order_both_ways_at_once()
    {
        const int Rounds = 60;
        const int FramesPerRound = 100;
        await using var lan = await InProcessLan.Start();
        var (a, b) = (await lan.Join(Ether.Mac(1)), await lan.Join(Ether.Mac(2)));
        await Announce(lan, a, b);
        await Task.WhenAll(Stream(a, b, 11), Stream(b, a, 22));
        Assert.Empty(lan.Info(a.Mac).Drops);
        Assert.Empty(lan.Info(b.Mac).Drops);
        Assert.Equal(Rounds * FramesPerRound, lan.Info(a.Mac).FramesReceived - 1);
        Assert.Equal(Rounds * FramesPerRound, lan.Info(b.Mac).FramesSent - 1);

        static async Task Stream(Station from, Station to, int seed)
        {
            var random = new Random(seed);
            for (var round = 0; round < Rounds; round++)
            {
                // No more at once than an outbox takes.
                var largest = round % 10 == 0 ? 9014 : 1514;
                var frames = Enumerable.Range(0, FramesPerRound).Select(_ => Ether.Frame(to.Mac, from.Mac, random.Next(14, largest), random.Next())).ToList();
                frames.ForEach(frame => from.Tap.Send(frame));
                foreach (var frame in frames) await to.Tap.Expect(frame);
            }
        }
    }

    [Fact]
    public async Task Tagged_frames_pass_as_they_are()
    {
        await using var lan = await InProcessLan.Start(tap: TapMac);
        var (a, b) = (await lan.Join(Ether.Mac(1)), await lan.Join(Ether.Mac(2)));
        await Announce(lan, a, b);
        foreach (uint[] tags in new uint[][] { [0x8100_0005], [0x8100_e00a], [0x88a8_0064, 0x8100_0007], [0x8100_0001, 0x8100_0002, 0x8100_0003] })
        {
            var frame = Ether.Tagged(Ether.Frame(b.Mac, a.Mac, 1514, tags.Length), tags);
            a.Tap.Send(frame);
            await b.Tap.Expect(frame);
            var toTap = Ether.Tagged(Ether.Frame(TapMac, a.Mac), tags);
            a.Tap.Send(toTap);
            await lan.Tap.Expect(toTap);
        }
    }

    [Fact]
    public async Task Runts_are_counted_and_dropped_and_the_peer_goes_on()
    {
        await using var lan = await InProcessLan.Start(tap: TapMac);
        var peer = await lan.JoinRaw(Ether.Mac(1));
        var frame = Ether.Frame(TapMac, Ether.Mac(1));
        for (var length = 0; length < 14; length++) await peer.SendFrame(frame[..length]);
        await peer.SendFrame(frame[..14]);
        await lan.Tap.Expect(frame[..14]);
        Assert.Equal(14, lan.Drops(DropReason.Runt, peer.Id));
        Assert.Equal(15, lan.Info(peer.Id).FramesReceived);
    }

    [Fact]
    public async Task A_message_over_the_limit_closes_with_1009_and_harms_nobody()
    {
        await using var lan = await InProcessLan.Start(tap: TapMac);
        var (peer, other) = (await lan.JoinRaw(Ether.Mac(1)), await lan.JoinRaw(Ether.Mac(2)));
        var frame = Ether.Frame(TapMac, Ether.Mac(1), Ether.MaxLength + 1);
        await peer.SendFrame(frame[..Ether.MaxLength]);
        await lan.Tap.Expect(frame[..Ether.MaxLength]);
        await peer.SendFrame(frame);
        await peer.ExpectClose(1009);
        await other.SendFrame(Ether.Frame(TapMac, Ether.Mac(2)));
        await lan.Tap.Expect(Ether.Frame(TapMac, Ether.Mac(2)));
    }

    [Fact]
    public async Task Isolated_peers_reach_the_tap_and_bridges_and_not_each_other()
    {
        await using var lan = await InProcessLan.Start(options => options with { Isolate = true, PeerBridge = true }, TapMac);
        var (a, b) = (await lan.JoinRaw(Ether.Mac(1)), await lan.JoinRaw(Ether.Mac(2)));
        var bridge = await lan.JoinRaw(Ether.Mac(3), "X-vpn-ws-bridge: on");
        Assert.Equal("on", bridge.Field("X-vpn-ws-bridge"));

        await a.SendFrame(Ether.Frame(Ether.Mac(2), Ether.Mac(1), seed: 1));
        await a.SendFrame(Ether.Frame(MacAddress.Broadcast, Ether.Mac(1), seed: 2));
        await lan.Tap.Expect(Ether.Frame(MacAddress.Broadcast, Ether.Mac(1), seed: 2));
        await bridge.Expect(Ether.Frame(MacAddress.Broadcast, Ether.Mac(1), seed: 2));
        Assert.Equal(1, lan.Drops(DropReason.Isolated, a.Id));

        // The first that the isolated neighbour hears of is from the bridge.
        await bridge.SendFrame(Ether.Frame(Ether.Mac(2), Ether.Mac(3), seed: 3));
        await b.Expect(Ether.Frame(Ether.Mac(2), Ether.Mac(3), seed: 3));
        await b.SendFrame(Ether.Frame(Ether.Mac(3), Ether.Mac(2), seed: 4));
        await bridge.Expect(Ether.Frame(Ether.Mac(3), Ether.Mac(2), seed: 4));
        lan.Tap.Send(Ether.Frame(Ether.Mac(1), TapMac, seed: 5));
        await a.Expect(Ether.Frame(Ether.Mac(1), TapMac, seed: 5));
    }

    [Fact]
    public async Task Frames_to_unknown_addresses_go_to_bridges_and_stations_behind_them_are_learned()
    {
        await using var lan = await InProcessLan.Start(options => options with { PeerBridge = true, Bridge = true }, TapMac);
        var bridge = await lan.Join(Ether.Mac(1), options => options with { Bridge = true });
        var plain = await lan.JoinRaw(Ether.Mac(2));
        var (behindBridge, behindTap) = (Ether.Mac(0x11), Ether.Mac(0x12));

        var unknown = Ether.Frame(behindBridge, Ether.Mac(2), seed: 1);
        await plain.SendFrame(unknown);
        await bridge.Tap.Expect(unknown);
        await lan.Tap.Expect(unknown);

        bridge.Tap.Send(Ether.Frame(behindTap, behindBridge, seed: 2));
        await lan.Tap.Expect(Ether.Frame(behindTap, behindBridge, seed: 2));
        lan.Tap.Send(Ether.Frame(behindBridge, behindTap, seed: 3));
        await bridge.Tap.Expect(Ether.Frame(behindBridge, behindTap, seed: 3));

        // Known now: the tap does not see it any more.
        await plain.SendFrame(unknown);
        await bridge.Tap.Expect(unknown);
        await plain.SendFrame(Ether.Frame(behindTap, Ether.Mac(2), seed: 4));
        await lan.Tap.Expect(Ether.Frame(behindTap, Ether.Mac(2), seed: 4));
        Assert.Contains(behindBridge, lan.Info(bridge.Mac).Addresses);
        Assert.Contains(behindTap, lan.Info().Addresses);
    }

    [Fact]
    public async Task A_peer_without_the_bridge_right_speaks_for_one_address()
    {
        await using var lan = await InProcessLan.Start(tap: TapMac);
        var station = await lan.Join(Ether.Mac(1), options => options with { Bridge = true });
        await station.Events.WaitFor<BridgeRefused>();
        station.Tap.Send(Ether.Frame(TapMac, Ether.Mac(9)));
        station.Send(TapMac);
        await lan.Tap.Expect(Ether.Frame(TapMac, station.Mac));
        Assert.Equal(1, lan.Drops(DropReason.SourceNotAllowed, lan.Info(station.Mac).Id));
    }

    [Fact]
    public async Task Without_broadcast_and_multicast_groups_reach_bridges_only()
    {
        await using var lan = await InProcessLan.Start(options => options with { Broadcast = false, Multicast = false });
        var (a, b) = (await lan.JoinRaw(Ether.Mac(1)), await lan.JoinRaw(Ether.Mac(2)));
        await a.SendFrame(Ether.Frame(MacAddress.Broadcast, Ether.Mac(1)));
        await a.SendFrame(Ether.Frame(Ether.Multicast, Ether.Mac(1)));
        await a.SendFrame(Ether.Frame(Ether.Mac(2), Ether.Mac(1)));
        await b.Expect(Ether.Frame(Ether.Mac(2), Ether.Mac(1)));
        Assert.Equal(1, lan.Drops(DropReason.BroadcastDisabled, a.Id));
        Assert.Equal(1, lan.Drops(DropReason.MulticastDisabled, a.Id));
    }

    // A first frame each way, so that what is counted afterwards starts from a known number.
    private static async Task Announce(InProcessLan lan, Station a, Station b)
    {
        a.Send(b.Mac);
        await b.Tap.Expect(Ether.Frame(b.Mac, a.Mac));
        b.Send(a.Mac);
        await a.Tap.Expect(Ether.Frame(a.Mac, b.Mac));
        Assert.Equal(2, lan.Server.PeerCount);
    }
}
