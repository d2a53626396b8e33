using VpnWs.Ethernet;
using VpnWs.Switching;
using VpnWs.Tests.Transport;
using static VpnWs.Tests.Switching.Lan;

namespace VpnWs.Tests.Switching.Guards;

/// <summary>What the switch makes of the limits of its ports.</summary>
public sealed class LimitTests
{
    private static readonly byte[] Broadcast = Ether.Frame(MacAddress.Broadcast, A);
    private static readonly byte[] AToB = Ether.Frame(B, A);

    [Fact]
    public void Broadcasts_and_multicasts_are_limited_by_the_second_and_others_not()
    {
        var lan = new Lan();
        var (one, _) = (lan.Join(A), lan.Join(B));
        lan.Limit(one, """{ "stormLimit": 1000 }""");
        Assert.Equal(100, Count(1000, () => lan.Send(one, Broadcast), "flood 2"));
        Assert.Equal("drop StormLimited", lan.Send(one, Ether.Frame(Ether.Multicast, A)));
        Assert.Equal("to 2", lan.Send(one, AToB));
        var passed = 0;
        for (var i = 0; i < 2000; i++)
        {
            lan.Wait(1);
            passed += Count(3, () => lan.Send(one, Broadcast), "flood 2");
        }

        Assert.Equal(2000, passed);
        Assert.Equal(900 + 1 + 4000, one.Counters.Drops(DropReason.StormLimited));
    }

    [Fact]
    public void Frames_to_unknown_addresses_are_limited()
    {
        var lan = new Lan();
        var (one, _) = (lan.Join(A), lan.Join(B, bridge: true));
        lan.Limit(one, """{ "unknownLimit": 10 }""");
        Assert.Equal(16, Count(100, () => lan.Send(one, Ether.Frame(Nobody, A)), "flood 2"));
        Assert.Equal("to 2", lan.Send(one, AToB));
        Assert.Equal("flood 2", lan.Send(one, Broadcast));
        Assert.Equal(84, one.Counters.Drops(DropReason.UnknownLimited));
    }

    [Fact]
    public void Frames_are_limited_and_a_super_frame_counts_as_its_segments()
    {
        var lan = new Lan();
        var (one, two) = (lan.Join(A), lan.Join(B));
        lan.Limit(one, """{ "frameLimit": 1000 }""");
        Assert.Equal(100, Count(1000, () => lan.Send(one, AToB), "to 2"));
        lan.Wait(1000);
        Assert.Equal(3, Count(1000, () => lan.Send(one, AToB, segments: 45), "to 2"));
        Assert.Equal("to 1", lan.Send(two, Ether.Frame(A, B)));
        Assert.Equal(900 + 997, one.Counters.Drops(DropReason.FrameLimited));
    }

    [Fact]
    public void Bandwidth_is_limited_in_each_direction_by_whole_bytes()
    {
        var lan = new Lan();
        var (one, two, three) = (lan.Join(A), lan.Join(B), lan.Join(C));
        lan.Limit(one, """{ "uploadLimit": "8M" }""");
        lan.Limit(three, """{ "downloadLimit": "8M" }""");
        Assert.Equal(1_000_000, Bytes(lan, one, B), 1_000_000 * 0.08);
        Assert.Equal(1_000_000, Bytes(lan, two, C), 1_000_000 * 0.08);
        Assert.Equal(10_000_000, Bytes(lan, two, A));
        Assert.True(one.Counters.Drops(DropReason.BandwidthLimited) > 0);
        Assert.True(three.Counters.Drops(DropReason.BandwidthLimited) > 0);
        Assert.Equal(0, two.Counters.Drops(DropReason.BandwidthLimited));

        // Ten megabytes offered within a second, in frames of 10,000 bytes.
        static double Bytes(Lan lan, SwitchPort source, MacAddress to)
        {
            var frame = Ether.Frame(to, source.Id == 1 ? A : B, 10_000);
            var passed = 0.0;
            lan.Wait(60_000);
            for (var i = 0; i < 1000; i++, lan.Wait(i % 1 == 0 ? 1 : 0)) passed += Count(1, () => lan.Send(source, frame), "to " + (to == A ? 1 : to == B ? 2 : 3)) * 10_000;
            return passed;
        }
    }

    [Fact]
    public void Ports_of_one_isolation_group_do_not_reach_each_other()
    {
        var lan = new Lan();
        var (one, two, three) = (lan.Join(A), lan.Join(B), lan.Join(C));
        lan.Limit(one, """{ "isolationGroup": "guests" }""");
        lan.Limit(two, """{ "isolationGroup": "guests" }""");
        Assert.Equal("drop Isolated", lan.Send(one, AToB));
        Assert.Equal("to 3", lan.Send(one, Ether.Frame(C, A)));
        Assert.Equal("to 1", lan.Send(three, Ether.Frame(A, C)));
        lan.Limit(two, """{ "isolationGroup": "staff" }""");
        Assert.Equal("to 2", lan.Send(one, AToB));
        lan.Limit(one, "{}");
        Assert.Null(one.Guard);
    }

    [Fact]
    public void Addresses_are_as_many_as_allowed_and_those_that_are_allowed()
    {
        var lan = new Lan();
        var (one, _) = (lan.Join(), lan.Join(E));
        lan.Limit(one, """{ "maxMacs": 2 }""");
        Assert.Equal("flood 2", lan.Send(one, A, MacAddress.Broadcast));
        Assert.Equal("flood 2", lan.Send(one, B, MacAddress.Broadcast));
        Assert.Equal("drop TableFull", lan.Send(one, C, MacAddress.Broadcast));
        Assert.Equal("drop UnknownDestination", lan.Send(one, A, Nobody));
        lan.Limit(one, """{ "macs": [ "02:00:00:00:00:0c", "02:00:00:00:00:0b" ] }""");
        Assert.Equal("0b", lan.AddressesOf(one));
        Assert.Equal("drop SourceNotAllowed", lan.Send(one, A, E));
        Assert.Equal("drop SourceNotAllowed", lan.Send(one, C, E));
        lan.Limit(one, """{ "macs": [ "02:00:00:00:00:0c" ] }""");
        Assert.Equal("to 2", lan.Send(one, C, E));
        Assert.Equal("drop SourceNotAllowed", lan.Send(one, B, E));
    }

    [Fact]
    public void Who_may_have_fewer_addresses_waits_for_no_more_than_those()
    {
        var lan = new Lan();
        var (one, others) = (lan.Join(bridge: true), new[] { A, B, C, D }.Select(mac => lan.Join(mac)).ToArray());
        foreach (var mac in new[] { A, B, C, D }) lan.Send(one, mac, E);
        lan.Limit(one, """{ "maxMacs": 2 }""");
        foreach (var other in others) lan.Switch.Remove(other);
        Assert.Equal("", lan.AddressesOf(one));
        foreach (var mac in new[] { A, B, C, D }) lan.Send(one, mac, E);
        Assert.Equal("0a 0b", lan.AddressesOf(one));
    }

    [Fact]
    public void A_declared_address_that_is_not_allowed_any_more_makes_room_for_one_that_is()
    {
        var lan = new Lan();
        var (one, two) = (lan.Join(A), lan.Join(E));
        lan.Limit(one, """{ "macs": [ "02:00:00:00:00:0b" ] }""");
        Assert.Equal("drop SourceNotAllowed", lan.Send(one, A, E));
        Assert.Equal("to 2", lan.Send(one, B, E));
        Assert.Equal("drop UnknownDestination", lan.Send(two, E, A));
    }

    [Fact]
    public void The_right_to_be_a_bridge_comes_and_goes()
    {
        var lan = new Lan();
        var (one, two) = (lan.Join(), lan.Join(E));
        Configure(bridge: true);
        Assert.Equal("flood 1", lan.Send(two, E, Nobody));
        foreach (var address in new[] { A, B, C }) Assert.Equal("to 2", lan.Send(one, address, E));
        Configure(bridge: false);
        Assert.Equal("0c", lan.AddressesOf(one));
        Assert.Equal("drop UnknownDestination", lan.Send(two, E, Nobody));
        Assert.Equal("drop SourceNotAllowed", lan.Send(one, A, E));

        void Configure(bool bridge)
        {
            lan.Wait(1);
            lan.Switch.Configure(one, new VpnWs.Switching.Guards.PortSettings(new VpnWs.Switching.Guards.PortLimits(), bridge), lan.Now);
            if (bridge) return;
            lan.Wait(1);
        }
    }

    [Fact]
    public void More_of_a_frame_is_asked_for_where_its_first_bytes_do_not_tell_and_nothing_is_counted()
    {
        var lan = new Lan();
        var one = lan.Join(Packets.Own);
        lan.Join(B);
        lan.Limit(one, """{ "routerGuard": true, "frameLimit": 1 }""");
        var frame = Packets.Frame(0x86dd, Packets.IPv6("fe80::1", 58, Packets.Neighbor(134, null), "60:30"));
        for (var i = 0; i < 100; i++) Assert.Equal(ForwardingKind.Unread, lan.Switch.Forward(one, frame.AsSpan(0, 256), frame.Length, lan.Now).Kind);
        Assert.Equal("drop RouterGuarded", lan.Send(one, frame));
        Assert.Equal(1, one.Counters.DropsByReason().Values.Sum());
        Assert.Equal("flood 2", lan.Send(one, Ether.Frame(MacAddress.Broadcast, Packets.Own)));
    }

    [Theory]
    [InlineData("""{ "dhcpGuard": true, "routerGuard": true, "ips": [ "10.0.0.7" ], "vlan": 0, "uploadLimit": "100G", "frameLimit": "1G" }""")]
    [InlineData("""{ "taggedVlans": [ "0-4094" ], "isolationGroup": "x", "stormLimit": 1, "unknownLimit": 1 }""")]
    public void A_million_frames_past_guards_allocate_nothing(string limits)
    {
        var lan = new Lan();
        var one = lan.Join(Packets.Own);
        lan.Join(B);
        lan.Limit(one, limits);
        var passes = Packets.Frame(0x0800, Packets.IPv4("10.0.0.7", 6, new byte[40]));
        var dropped = Packets.Frame(0x0800, Packets.IPv4("10.0.0.8", 17, Packets.Udp(67, 68)));
        B.CopyTo(passes);
        Run(1000);
        var least = long.MaxValue;
        for (var i = 0; i < 4 && least > 0; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Run(500_000);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);

        void Run(int times)
        {
            for (var i = 0; i < times; i++)
            {
                lan.Switch.Forward(one, passes, passes.Length, lan.Now);
                lan.Switch.Forward(one, dropped, dropped.Length, lan.Now);
            }
        }
    }

    private static int Count(int times, Func<string> send, string outcome) => Enumerable.Range(0, times).Count(_ => send() == outcome);
}
