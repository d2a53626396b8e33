using VpnWs.Ethernet;
using VpnWs.Switching;
using static VpnWs.Tests.Switching.Lan;

namespace VpnWs.Tests.Switching;

/// <summary>Which addresses a port may send from, how they are learned and how they are forgotten.</summary>
public class SourceTests
{
    private const string Ok = "flood";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_plain_port_may_send_from_the_address_that_it_declared_and_no_other(bool uplink)
    {
        var lan = new Lan();
        var port = lan.Join(A, uplink: uplink);
        Assert.Equal("1 learned 0a", lan.News());
        Assert.Equal("drop SourceNotAllowed", lan.Send(port, B, MacAddress.Broadcast));
        Assert.Equal(Ok, lan.Send(port, A, MacAddress.Broadcast));
        Assert.Equal("drop SourceNotAllowed", lan.Send(port, B, MacAddress.Broadcast));
        Assert.Equal("0a", lan.AddressesOf(port));
        Assert.Equal(2, port.Counters.Drops(DropReason.SourceNotAllowed));
        Assert.Equal("", lan.News());
    }

    [Fact]
    public void A_plain_port_that_declared_nothing_has_the_first_address_that_it_sends_from()
    {
        var lan = new Lan();
        var port = lan.Join();
        Assert.Null(lan.Switch.PrimaryAddressOf(port));
        Assert.Equal(Ok, lan.Send(port, A, MacAddress.Broadcast));
        Assert.Equal("1 learned 0a", lan.News());
        Assert.Equal("drop SourceNotAllowed", lan.Send(port, B, MacAddress.Broadcast));
        Assert.Equal(A, lan.Switch.PrimaryAddressOf(port));
    }

    [Fact]
    public void A_frame_that_is_dropped_for_its_destination_teaches_its_source_all_the_same()
    {
        var lan = new Lan();
        var port = lan.Join();
        Assert.Equal("drop UnknownDestination", lan.Send(port, A, Nobody));
        Assert.Equal("0a", lan.AddressesOf(port));
    }

    [Theory]
    [InlineData("00:00:00:00:00:00")]
    [InlineData("ff:ff:ff:ff:ff:ff")]
    [InlineData("01:80:c2:00:00:0e")]
    public void A_declared_address_that_no_station_can_have_counts_as_none(string declared)
    {
        var lan = new Lan();
        var port = lan.Join(MacAddress.Parse(declared));
        Assert.Equal("", lan.AddressesOf(port));
        Assert.Equal(Ok, lan.Send(port, A, MacAddress.Broadcast));
        Assert.Equal("0a", lan.AddressesOf(port));
    }

    [Fact]
    public void A_bridge_port_has_as_many_addresses_as_allowed_its_declared_one_included()
    {
        var lan = new Lan(new SwitchOptions { MaxAddressesPerBridge = 3 });
        var port = lan.Join(A, bridge: true);
        foreach (var from in new[] { B, C, A, B }) Assert.Equal(Ok, lan.Send(port, from, MacAddress.Broadcast));
        Assert.Equal("drop TableFull", lan.Send(port, D, MacAddress.Broadcast));
        Assert.Equal(Ok, lan.Send(port, C, MacAddress.Broadcast));
        Assert.Equal("0a 0b 0c", lan.AddressesOf(port));
        Assert.Equal(A, lan.Switch.PrimaryAddressOf(port));
        Assert.Equal(1, port.Counters.Drops(DropReason.TableFull));
        Assert.Equal("1 learned 0a; 1 learned 0b; 1 learned 0c", lan.News());
    }

    [Fact]
    public void A_full_bridge_port_takes_no_address_from_another_but_gets_its_declared_one()
    {
        var lan = new Lan(new SwitchOptions { MaxAddressesPerBridge = 1 });
        var full = lan.Join(A, bridge: true, uplink: true);
        var other = lan.Join(bridge: true);
        lan.Send(other, B, MacAddress.Broadcast);
        Assert.Equal("drop TableFull", lan.Send(full, B, MacAddress.Broadcast));
        Assert.Equal("0b", lan.AddressesOf(other));
        lan.Switch.ReplaceDeclared(full, B, lan.Now);
        Assert.Equal("0b", lan.AddressesOf(full));
    }

    [Fact]
    public void A_learned_address_is_forgotten_after_300_s_without_a_frame_from_it_and_its_place_is_free_again()
    {
        var lan = new Lan();
        var (one, two) = (lan.Join(), lan.Join(D));
        lan.Send(one, A, MacAddress.Broadcast);
        lan.Tick(after: 200_000);
        lan.Send(one, A, MacAddress.Broadcast);
        lan.Tick(after: 299_999);
        Assert.Equal("to 1", lan.Send(two, D, A));
        lan.Tick(after: 1001);
        Assert.Equal("drop UnknownDestination", lan.Send(two, D, A));
        Assert.Equal("flood 2", lan.Send(one, B, MacAddress.Broadcast));
        Assert.Equal("0b", lan.AddressesOf(one));
    }

    [Fact]
    public void Each_of_many_addresses_behind_a_bridge_is_kept_alive_by_its_own_frames()
    {
        var lan = new Lan();
        var bridge = lan.Join(bridge: true);
        foreach (var from in new[] { A, B, C }) lan.Send(bridge, from, MacAddress.Broadcast);
        lan.Wait(200_000);
        foreach (var from in new[] { B, C, B }) lan.Send(bridge, from, MacAddress.Broadcast);
        lan.Tick(after: 299_999);
        Assert.Equal("0b 0c", lan.AddressesOf(bridge));
    }

    [Fact]
    public void Frames_to_an_address_and_other_frames_of_its_port_do_not_keep_it_alive()
    {
        var lan = new Lan();
        var (bridge, two) = (lan.Join(bridge: true), lan.Join(D));
        lan.Send(bridge, A, MacAddress.Broadcast);
        lan.Wait(299_000);
        lan.Send(bridge, B, MacAddress.Broadcast);
        lan.Send(two, D, A);
        lan.Tick(after: 1000);
        Assert.Equal("0b", lan.AddressesOf(bridge));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_declared_address_lives_as_long_as_its_port(bool bridge)
    {
        var lan = new Lan();
        var port = lan.Join(A, bridge);
        lan.Tick(after: 10_000_000);
        Assert.Equal("0a", lan.AddressesOf(port));
        lan.Switch.Remove(port);
        Assert.Equal("", lan.AddressesOf(port));
        Assert.Equal(0, lan.Switch.Totals().Addresses);
    }

    [Fact]
    public void The_ageing_time_is_an_option()
    {
        var lan = new Lan(new SwitchOptions { AgeingMilliseconds = 10_000 });
        var port = lan.Join();
        lan.Send(port, A, MacAddress.Broadcast);
        lan.Tick(after: 9_000);
        Assert.Equal("0a", lan.AddressesOf(port));
        lan.Tick(after: 1000);
        Assert.Equal("", lan.AddressesOf(port));
    }

    [Fact]
    public void A_removed_port_sends_nothing_and_learns_nothing()
    {
        var lan = new Lan();
        var port = lan.Join(A);
        lan.Send(port, A, MacAddress.Broadcast);
        lan.Switch.Remove(port);
        lan.Switch.Remove(port);
        Assert.Equal("drop PortClosed", lan.Send(port, A, MacAddress.Broadcast));
        Assert.Equal("drop PortClosed", lan.Send(new TestPort(99), B, MacAddress.Broadcast));
        Assert.Equal(0, lan.Switch.Totals().Addresses);
        Assert.Equal(1, port.Counters.Drops(DropReason.PortClosed));
    }

    [Fact]
    public void A_port_joins_once()
    {
        var lan = new Lan();
        var port = lan.Join(A);
        Assert.Throws<InvalidOperationException>(() => lan.Switch.Add(port, B, lan.Now));
        lan.Switch.Remove(port);
        Assert.Throws<InvalidOperationException>(() => lan.Switch.Add(port, A, lan.Now));
        Assert.Equal(0, lan.Switch.Totals().Ports);
    }

    [Fact]
    public void Joining_counts_as_being_heard_but_does_not_turn_the_clock_back()
    {
        var lan = new Lan();
        Assert.Equal(lan.Now, lan.Join().LastHeard);
        var early = new TestPort(2) { LastHeard = lan.Now + 5 };
        lan.Switch.Add(early, null, lan.Now);
        Assert.Equal(lan.Now + 5, early.LastHeard);
    }

    [Fact]
    public void The_servers_tap_can_change_its_address()
    {
        var lan = new Lan();
        var tap = lan.Join(A, uplink: true);
        lan.Send(tap, A, MacAddress.Broadcast);
        lan.Switch.ReplaceDeclared(tap, B, lan.Now);
        Assert.Equal("0b", lan.AddressesOf(tap));
        Assert.Equal("drop SourceNotAllowed", lan.Send(tap, A, MacAddress.Broadcast));
        Assert.Equal(Ok, lan.Send(tap, B, MacAddress.Broadcast));
        lan.Tick(after: 400_000);
        Assert.Equal("0b", lan.AddressesOf(tap));
        Assert.Equal("1 learned 0a; 1 learned 0b", lan.News());
    }

    [Fact]
    public void A_bridging_tap_that_changes_its_address_keeps_those_learned_behind_it()
    {
        var lan = new Lan();
        var tap = lan.Join(A, bridge: true, uplink: true);
        lan.Send(tap, B, MacAddress.Broadcast);
        lan.Send(tap, C, MacAddress.Broadcast);
        lan.Switch.ReplaceDeclared(tap, C, lan.Now);
        Assert.Equal("0b 0c", lan.AddressesOf(tap));
        Assert.Equal(C, lan.Switch.PrimaryAddressOf(tap));
        lan.Tick(after: 400_000);
        Assert.Equal("0c", lan.AddressesOf(tap));
    }

    [Fact]
    public void Replacing_an_address_by_itself_or_at_a_port_that_left_changes_nothing()
    {
        var lan = new Lan();
        var (tap, peer) = (lan.Join(A, uplink: true), lan.Join(B));
        lan.Switch.ReplaceDeclared(tap, A, lan.Now);
        lan.Switch.Remove(peer);
        lan.Switch.ReplaceDeclared(peer, C, lan.Now);
        Assert.Equal("0a", lan.AddressesOf(tap));
        Assert.Equal("", lan.AddressesOf(peer));
        Assert.Equal("1 learned 0a; 2 learned 0b", lan.News());
    }
}
