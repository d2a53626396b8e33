using VpnWs.Ethernet;
using VpnWs.Switching;
using VpnWs.Switching.Guards;
using VpnWs.Tests.Transport;
using static VpnWs.Tests.Switching.Lan;

namespace VpnWs.Tests.Switching.Guards;

/// <summary>Addresses that cannot decide where they are, and networks with two ways in.</summary>
public sealed class LoopTests
{
    [Fact]
    public void An_address_that_flaps_stays_for_a_minute_where_it_was_before()
    {
        var lan = new Lan();
        var (one, two) = (lan.Join(bridge: true), lan.Join(bridge: true));
        lan.Join(E);
        Assert.Equal("to 3", lan.Send(one, A, E));
        for (var i = 0; i < 5; i++)
        {
            lan.Wait(1000);
            Assert.Equal("to 3", lan.Send(i % 2 == 0 ? two : one, A, E));
        }

        Assert.Equal("0a", lan.AddressesOf(two));
        lan.TakeNews();
        Assert.Equal("to 3", lan.Send(one, A, E));
        Assert.Equal("0a frozen at 1, not 2", lan.News());
        Assert.Equal("drop AddressFrozen", lan.Send(two, A, E));
        lan.Wait(59_000);
        Assert.Equal("drop AddressFrozen", lan.Send(two, A, E));
        Assert.Equal("to 3", lan.Send(one, A, E));
        Assert.Equal("to 3", lan.Send(two, B, E));
        Assert.Equal("2 learned 0b", lan.News());
        lan.Wait(1001);
        Assert.Equal("to 3", lan.Send(two, A, E));
        Assert.Equal(2, two.Counters.Drops(DropReason.AddressFrozen));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Who_moves_the_address_of_another_does_not_get_it_frozen_with_himself(int atOnce)
    {
        var lan = new Lan();
        var (honest, hostile) = (lan.Join(bridge: true), lan.Join(bridge: true));
        lan.Join(E);
        lan.Send(honest, A, E);
        for (var i = 0; i < 20; i++)
        {
            for (var j = 0; j < atOnce; j++) lan.Send(hostile, A, E);
            lan.Send(honest, A, E);
        }

        Assert.Equal("0a", lan.AddressesOf(honest));
        Assert.Equal("drop AddressFrozen", lan.Send(hostile, A, E));
    }

    [Fact]
    public void An_address_is_not_frozen_where_it_may_not_be_or_nobody_would_reach_it()
    {
        foreach (var why in new[] { "full", "forbidden", "blocked", "gone" })
        {
            var lan = new Lan();
            var (one, two) = (lan.Join(bridge: true), lan.Join(bridge: true));
            lan.Join(E);
            for (var i = 0; i < 6; i++) lan.Send(i % 2 == 0 ? one : two, A, E);
            if (why == "gone") lan.Switch.Remove(one);
            if (why == "full") lan.Limit(one, """{ "maxMacs": 1 }""");
            if (why == "full") lan.Send(one, B, E);
            if (why == "forbidden") lan.Limit(one, """{ "macs": [ "02:00:00:00:00:0b" ] }""");
            if (why == "blocked") one.Guard = new PortGuard { BlockedUntil = lan.Now + 5 };
            var three = lan.Join(bridge: true);
            Assert.Equal("drop AddressFrozen", lan.Send(three, A, E));
            Assert.Equal("0a", lan.AddressesOf(two));

            // A port that is blocked later holds nobody.
            two.Guard = new PortGuard { BlockedUntil = lan.Now + 1000 };
            Assert.Equal("to 3", lan.Send(three, A, E));
        }
    }

    [Fact]
    public void Five_moves_in_ten_seconds_again_and_again_are_no_flapping()
    {
        var lan = new Lan();
        var (one, two) = (lan.Join(bridge: true), lan.Join(bridge: true));
        lan.Join(E);
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal("to 3", lan.Send(i % 2 == 0 ? two : one, A, E));
            lan.Wait(2000);
        }
    }

    [Fact]
    public void A_frozen_address_passes_on_when_its_holder_leaves()
    {
        var lan = new Lan();
        var (one, two) = (lan.Join(bridge: true), lan.Join(bridge: true));
        lan.Join(E);
        for (var i = 0; i < 7; i++) lan.Send(i % 2 == 0 ? one : two, A, E);
        Assert.Equal("drop AddressFrozen", lan.Send(two, A, E));
        lan.Switch.Remove(one);
        Assert.Equal("to 3", lan.Send(two, A, E));
    }

    [Fact]
    public void A_second_way_into_a_network_is_blocked_for_a_minute()
    {
        var lan = new Lan();
        var (plain, one, two) = (lan.Join(A), lan.Join(bridge: true), lan.Join(bridge: true));
        lan.TakeNews();

        // What a plain peer says comes back by both ways; here the second is the first to be seen.
        for (var i = 0; i < LoopGuard.Threshold; i++)
        {
            var frame = Ether.Frame(MacAddress.Broadcast, A, seed: i);
            Assert.Equal("flood 2 3", lan.Send(plain, frame));
            Assert.StartsWith("drop ", lan.Send(two, frame), StringComparison.Ordinal);
        }

        Assert.Equal("3 blocked", lan.TakeNews().Last());
        Assert.Equal("drop LoopBlocked", lan.Send(two, Ether.Frame(A, B)));
        Assert.Equal(DropReason.LoopBlocked, Egress.Objection(null, two.Guard, default, lan.Now));
        Assert.Null(one.Guard);
        lan.Tick(59_999);
        Assert.Equal("drop LoopBlocked", lan.Send(two, Ether.Frame(A, B)));
        lan.TakeNews();
        lan.Tick(1);
        Assert.Equal("3 unblocked", lan.News());
        Assert.Null(two.Guard);
        Assert.Equal("to 1", lan.Send(two, Ether.Frame(A, B)));
    }

    [Fact]
    public void Of_two_ways_for_the_same_station_one_is_blocked()
    {
        var lan = new Lan();
        var (one, two) = (lan.Join(bridge: true), lan.Join(bridge: true));
        lan.Join(E);
        for (var i = 0; i < 20; i++)
        {
            var frame = Ether.Frame(MacAddress.Broadcast, A, seed: i);
            lan.Send(one, frame);
            lan.Send(two, frame);
            lan.Send(one, frame);
        }

        Assert.Single(lan.TakeNews(), news => news.EndsWith(" blocked", StringComparison.Ordinal));
        var open = one.Guard is null ? one : two;
        Assert.Null(open.Guard);
        Assert.Equal("to 3", lan.Send(open, B, E));
    }

    [Theory]
    [InlineData("""{ "vlan": 10 }""", """{ "taggedVlans": [ 10 ] }""", 0x8100_000a, true)]
    [InlineData("""{ "taggedVlans": [ 10 ] }""", """{ "vlan": 10 }""", 0x8100_000a, true)]
    [InlineData("""{ "taggedVlans": [ "0-20" ] }""", """{ "vlan": 10 }""", 0x8100_0014, false)]
    public void A_loop_is_one_with_a_tag_on_the_way_too_but_not_from_one_VLAN_into_another(string first, string second, uint tag, bool isLoop)
    {
        var lan = new Lan();
        var (one, two) = (lan.Join(bridge: true), lan.Join(bridge: true));
        lan.Limit(one, first);
        lan.Limit(two, second);
        for (var i = 0; i < LoopGuard.Threshold; i++)
        {
            var frame = Ether.Frame(MacAddress.Broadcast, A, seed: i);
            var tagged = Ether.Tagged(frame, tag);
            lan.Send(one, first.Contains("tagged", StringComparison.Ordinal) ? tagged : frame);
            lan.Send(two, second.Contains("tagged", StringComparison.Ordinal) ? tagged : frame);
        }

        Assert.Equal(isLoop, lan.TakeNews().Contains("2 blocked"));
    }

    [Fact]
    public void Never_the_servers_own_tap_is_blocked_but_the_other_end()
    {
        var lan = new Lan();
        var (tap, bridge) = (lan.Join(D, bridge: true, uplink: true), lan.Join(bridge: true));
        for (var i = 0; i < LoopGuard.Threshold; i++)
        {
            var frame = Ether.Frame(MacAddress.Broadcast, Ether.Mac(100 + i));
            lan.Send(bridge, frame);
            lan.Send(tap, frame);
        }

        Assert.Null(tap.Guard);
        Assert.True(bridge.Guard!.BlockedUntil > lan.Now);
    }

    [Fact]
    public void Frames_that_are_alike_or_late_or_few_are_no_loop()
    {
        var lan = new Lan();
        var (one, two) = (lan.Join(bridge: true), lan.Join(bridge: true));
        lan.Join(E);
        for (var i = 0; i < 50; i++)
        {
            lan.Send(one, Ether.Frame(MacAddress.Broadcast, A));
            lan.Send(two, Ether.Frame(MacAddress.Broadcast, B, seed: i));
        }

        for (var i = 0; i < 50; i++)
        {
            lan.Send(one, Ether.Frame(MacAddress.Broadcast, C, seed: i));
            lan.Wait(1000);
            lan.Send(two, Ether.Frame(MacAddress.Broadcast, C, seed: i));
            lan.Wait(5000);
        }

        for (var i = 0; i < 50; i++)
        {
            lan.Send(one, Ether.Frame(MacAddress.Broadcast, D, seed: i));
            lan.Send(two, Ether.Frame(MacAddress.Broadcast, D, seed: i));
            lan.Wait(6000);
        }

        Assert.Null(one.Guard);
        Assert.Null(two.Guard);
    }

    [Fact]
    public void What_a_port_may_do_changes_without_unblocking_it()
    {
        var lan = new Lan();
        var (plain, bridge) = (lan.Join(A), lan.Join(bridge: true));
        for (var i = 0; i < LoopGuard.Threshold; i++)
        {
            var frame = Ether.Frame(MacAddress.Broadcast, A, seed: i);
            lan.Send(plain, frame);
            lan.Send(bridge, frame);
        }

        lan.Limit(bridge, """{ "frameLimit": 5 }""");
        Assert.Equal("drop LoopBlocked", lan.Send(bridge, Ether.Frame(A, B)));
        lan.Tick(60_000);
        Assert.NotNull(bridge.Guard);
        Assert.Equal("to 1", lan.Send(bridge, Ether.Frame(A, B)));
    }
}
