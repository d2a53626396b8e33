using VpnWs.Ethernet;
using VpnWs.Switching;
using static VpnWs.Tests.Switching.Lan;

namespace VpnWs.Tests.Switching;

/// <summary>Where a frame goes, by its destination. Ports are numbered from 1 in the order in which they join.</summary>
public class ForwardingTests
{
    private const string NoneReserved = "drop ReservedAddress";

    [Theory]
    [InlineData("00:00:00:00:00:00", "02:00:00:00:00:0b", DropReason.InvalidSource)]
    [InlineData("ff:ff:ff:ff:ff:ff", "02:00:00:00:00:0b", DropReason.InvalidSource)]
    [InlineData("01:00:5e:00:00:01", "02:00:00:00:00:0b", DropReason.InvalidSource)]
    [InlineData("03:00:00:00:00:0a", "02:00:00:00:00:0b", DropReason.InvalidSource)]
    [InlineData("ff:ff:ff:ff:ff:ff", "ff:ff:ff:ff:ff:ff", DropReason.InvalidSource)]
    [InlineData("00:00:00:00:00:00", "00:00:00:00:00:00", DropReason.InvalidSource)]
    [InlineData("02:00:00:00:00:0a", "02:00:00:00:00:0a", DropReason.SourceEqualsDestination)]
    [InlineData("02:00:00:00:00:0a", "00:00:00:00:00:00", DropReason.InvalidDestination)]
    [InlineData("02:00:00:00:00:0a", "01:80:c2:00:00:00", DropReason.ReservedAddress)]
    [InlineData("02:00:00:00:00:0a", "01:80:c2:00:00:0f", DropReason.ReservedAddress)]
    public void A_frame_with_impossible_addresses_is_dropped_counted_and_not_learned_from(string from, string to, DropReason reason)
    {
        var lan = new Lan();
        var port = lan.Join(bridge: true);
        lan.Join(B);
        Assert.Equal($"drop {reason}", lan.Send(port, MacAddress.Parse(from), MacAddress.Parse(to)));
        Assert.Equal(1, port.Counters.Drops(reason));
        Assert.Equal("", lan.AddressesOf(port));
    }

    [Theory]
    [InlineData(13, 13)]
    [InlineData(0, 0)]
    [InlineData(14, 13)]
    [InlineData(13, 14)]
    public void A_frame_shorter_than_its_header_is_a_runt(int length, int claimed)
    {
        var lan = new Lan();
        var port = lan.Join(A);
        var decision = lan.Switch.Forward(port, Frame(A, MacAddress.Broadcast).AsSpan(0, length), claimed, lan.Now);
        Assert.Equal(ForwardingKind.Drop, decision.Kind);
        Assert.Equal(DropReason.Runt, decision.Reason);
        Assert.Equal(1, port.Counters.Drops(DropReason.Runt));
    }

    [Fact]
    public void A_known_address_gets_the_frame_alone()
    {
        var lan = new Lan();
        var (one, two, _) = (lan.Join(A), lan.Join(B), lan.Join(C));
        Assert.Equal("to 2", lan.Send(one, A, B));
        Assert.Equal("to 1", lan.Send(two, B, A));
        Assert.Equal("to 3", lan.Send(one, A, C));
        Assert.Equal("to 2", lan.Send(one, A, B));
    }

    [Fact]
    public void A_peer_without_a_declared_address_is_reached_once_it_has_sent()
    {
        var lan = new Lan();
        var (one, two) = (lan.Join(A), lan.Join());
        Assert.Equal("drop UnknownDestination", lan.Send(one, A, B));
        lan.Send(two, B, MacAddress.Broadcast);
        Assert.Equal("to 2", lan.Send(one, A, B));
    }

    [Fact]
    public void A_port_that_leaves_is_reached_no_more()
    {
        var lan = new Lan();
        var (one, two) = (lan.Join(A), lan.Join(B));
        Assert.Equal("to 2", lan.Send(one, A, B));
        lan.Switch.Remove(two);
        Assert.Equal("drop UnknownDestination", lan.Send(one, A, B));
        Assert.Equal("flood", lan.Send(one, A, MacAddress.Broadcast));
        lan.Join(B);
        Assert.Equal("to 3", lan.Send(one, A, B));
    }

    [Fact]
    public void An_unknown_address_is_sought_behind_bridge_ports_alone()
    {
        var lan = new Lan();
        var one = lan.Join(A);
        lan.Join(B);
        lan.Join(uplink: true);
        Assert.Equal("drop UnknownDestination", lan.Send(one, A, Nobody));
        var bridge = lan.Join(bridge: true);
        Assert.Equal("flood 4", lan.Send(one, A, Nobody));
        Assert.Equal("drop UnknownDestination", lan.Send(bridge, C, Nobody));
        lan.Join(bridge: true, uplink: true);
        Assert.Equal("flood 4 5", lan.Send(one, A, Nobody));
        Assert.Equal("flood 5", lan.Send(bridge, C, Nobody));
        Assert.Equal(1, bridge.Counters.Drops(DropReason.UnknownDestination));
    }

    [Fact]
    public void Traffic_between_two_stations_behind_one_bridge_port_is_not_sent_back()
    {
        var lan = new Lan();
        var bridge = lan.Join(bridge: true);
        lan.Join(bridge: true);
        lan.Send(bridge, C, MacAddress.Broadcast);
        Assert.Equal("drop SamePort", lan.Send(bridge, D, C));
        Assert.Equal(1, bridge.Counters.Drops(DropReason.SamePort));
    }

    [Theory]
    [InlineData("ff:ff:ff:ff:ff:ff")]
    [InlineData("01:00:5e:00:00:fb")]
    [InlineData("33:33:00:00:00:01")]
    [InlineData("09:00:07:00:00:00")]
    public void Group_frames_reach_all_others_also_those_without_an_address(string to)
    {
        var lan = new Lan();
        var one = lan.Join(A);
        Assert.Equal("flood", lan.Send(one, A, MacAddress.Parse(to)));
        lan.Join();
        lan.Join(bridge: true);
        lan.Join(uplink: true);
        Assert.Equal("flood 2 3 4", lan.Send(one, A, MacAddress.Parse(to)));
        Assert.Empty(one.Counters.DropsByReason());
    }

    [Theory]
    [InlineData(true, true, "flood 2 3 4", "flood 2 3 4", NoneReserved)]
    [InlineData(false, true, "flood 3", "flood 2 3 4", NoneReserved)]
    [InlineData(true, false, "flood 2 3 4", "flood 3", NoneReserved)]
    [InlineData(false, false, "flood 3", "flood 3", NoneReserved)]
    [InlineData(true, true, "flood 2 3 4", "flood 2 3 4", "flood 2 3 4", true)]
    [InlineData(true, false, "flood 2 3 4", "flood 3", "flood 3", true)]
    public void Broadcasts_and_multicasts_can_be_turned_off_each_by_itself(
        bool broadcast, bool multicast, string broadcastGoes, string multicastGoes, string reservedGoes, bool forwardReserved = false)
    {
        var lan = new Lan(new SwitchOptions { Broadcast = broadcast, Multicast = multicast, ForwardReserved = forwardReserved });
        var one = lan.Join(A);
        lan.Join(B);
        lan.Join(bridge: true);
        lan.Join(uplink: true);
        Assert.Equal(broadcastGoes, lan.Send(one, A, MacAddress.Broadcast));
        Assert.Equal(multicastGoes, lan.Send(one, A, Multicast));
        Assert.Equal(reservedGoes, lan.Send(one, A, Reserved));
    }

    [Fact]
    public void Group_frames_that_are_turned_off_and_find_no_other_bridge_are_dropped_and_counted()
    {
        var lan = new Lan(new SwitchOptions { Broadcast = false, Multicast = false });
        var bridge = lan.Join(bridge: true);
        lan.Join(uplink: true);
        Assert.Equal("drop BroadcastDisabled", lan.Send(bridge, A, MacAddress.Broadcast));
        Assert.Equal("drop MulticastDisabled", lan.Send(bridge, A, Multicast));
        Assert.Equal(1, bridge.Counters.Drops(DropReason.BroadcastDisabled));
        Assert.Equal(1, bridge.Counters.Drops(DropReason.MulticastDisabled));
    }

    [Fact]
    public void A_tagged_frame_goes_by_its_addresses_alone()
    {
        var lan = new Lan();
        var one = lan.Join(A);
        lan.Join(B);
        var frame = Convert.FromHexString("02000000000b" + "02000000000a" + "8100" + "0064" + "0800");
        Assert.Equal("to 2", Describe(lan.Switch.Forward(one, frame, 1522, lan.Now), one));
    }

    [Theory]
    [InlineData(1, "drop Isolated", "to 3", "to 4", "to 5", "flood 3 4 5", "flood 4 5")]
    [InlineData(3, "to 1", null, "to 4", "to 5", "flood 1 2 4 5", "flood 4 5")]
    [InlineData(4, "to 1", "to 3", null, "to 5", "flood 1 2 3 5", "flood 5")]
    [InlineData(5, "to 1", "to 3", "to 4", null, "flood 1 2 3 4", "flood 4")]
    public void Isolated_peers_reach_the_servers_tap_and_bridges_and_are_reached_from_there(
        int sender, string toPeer, string? toUplink, string? toBridge, string? toUplinkBridge, string group, string unknown)
    {
        var lan = new Lan(new SwitchOptions { Isolate = true });
        var ports = new[]
        {
            lan.Join(A), lan.Join(B), lan.Join(C, uplink: true), lan.Join(D, bridge: true), lan.Join(E, bridge: true, uplink: true),
        };
        var addresses = new[] { A, B, C, D, E };
        var (port, from) = (ports[sender - 1], addresses[sender - 1]);
        Assert.Equal(toPeer, lan.Send(port, from, sender == 1 ? B : A));
        if (toUplink is not null) Assert.Equal(toUplink, lan.Send(port, from, C));
        if (toBridge is not null) Assert.Equal(toBridge, lan.Send(port, from, D));
        if (toUplinkBridge is not null) Assert.Equal(toUplinkBridge, lan.Send(port, from, E));
        Assert.Equal(group, lan.Send(port, from, MacAddress.Broadcast));
        Assert.Equal(group, lan.Send(port, from, Multicast));
        Assert.Equal(unknown, lan.Send(port, from, Nobody));
    }

    [Fact]
    public void Isolated_peers_alone_flood_to_nobody_and_the_drop_of_their_unicast_is_counted()
    {
        var lan = new Lan(new SwitchOptions { Isolate = true });
        var one = lan.Join(A);
        lan.Join(B);
        Assert.Equal("flood", lan.Send(one, A, MacAddress.Broadcast));
        Assert.Equal("drop Isolated", lan.Send(one, A, B));
        Assert.Equal(1, one.Counters.Drops(DropReason.Isolated));
    }

    [Fact]
    public void A_decision_says_only_what_belongs_to_its_kind()
    {
        var lan = new Lan();
        var (one, two) = (lan.Join(A), lan.Join(B));
        var unicast = lan.Switch.Forward(one, Frame(A, B), 60, lan.Now);
        Assert.Equal((ForwardingKind.Unicast, DropReason.None, 0), (unicast.Kind, unicast.Reason, unicast.Targets.Length));
        Assert.Same(two, unicast.Port);
        var flood = lan.Switch.Forward(one, Frame(A, MacAddress.Broadcast), 60, lan.Now);
        Assert.Equal((ForwardingKind.Flood, DropReason.None), (flood.Kind, flood.Reason));
        Assert.Null(flood.Port);
        var drop = lan.Switch.Forward(one, Frame(A, A), 60, lan.Now);
        Assert.Null(drop.Port);
        Assert.Equal(0, drop.Targets.Length);
    }

    [Fact]
    public void Floods_share_one_list_until_a_port_comes_or_goes()
    {
        var lan = new Lan();
        var one = lan.Join(A);
        lan.Join(bridge: true);
        Assert.True(Flood(one, MacAddress.Broadcast) == Flood(one, Multicast));
        var all = Flood(one, MacAddress.Broadcast);
        var bridges = Flood(one, Nobody);
        lan.Join();
        Assert.Equal(2, all.Length);
        Assert.Equal(3, Flood(one, MacAddress.Broadcast).Length);
        Assert.True(bridges == Flood(one, Nobody), "a plain port is no reason to make the list of bridges anew");

        ReadOnlySpan<SwitchPort> Flood(SwitchPort source, MacAddress to) => lan.Switch.Forward(source, Frame(A, to), 60, lan.Now).Targets;
    }
}
