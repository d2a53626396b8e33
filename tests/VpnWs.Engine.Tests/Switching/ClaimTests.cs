using VpnWs.Ethernet;
using VpnWs.Switching;
using static VpnWs.Tests.Switching.Lan;

namespace VpnWs.Tests.Switching;

/// <summary>What happens when a port wants an address that another port holds. Port 1 is the holder, port 2 the claimant.</summary>
public class ClaimTests
{
    private const string Conflict = "drop AddressConflict";

    private static readonly MacAddress All = MacAddress.Broadcast;

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void A_live_holder_keeps_its_address_and_the_refusal_is_told_once(bool holderDeclares, bool claimantDeclares)
    {
        var lan = new Lan();
        var (holder, claimant) = TwoFor(lan, holderDeclares, claimantDeclares);
        lan.Wait(10);
        holder.LastHeard = lan.Now;
        for (var i = 0; i < 10; i++) Assert.Equal(Conflict, lan.Send(claimant, A, All));
        Assert.Equal("1 learned 0a; probe 1; 2 refused 0a of 1", lan.News());
        Assert.Equal("0a", lan.AddressesOf(holder));
        Assert.Equal("", lan.AddressesOf(claimant));
        Assert.Null(lan.Switch.PrimaryAddressOf(claimant));
        Assert.True(claimant.Counters.Drops(DropReason.AddressConflict) >= 10);
        Assert.Equal(0, holder.Counters.Drops(DropReason.AddressConflict));
    }

    [Fact]
    public void The_refusal_is_told_without_another_frame()
    {
        var lan = new Lan();
        var (holder, _) = TwoFor(lan, holderDeclares: true, claimantDeclares: true);
        lan.Wait(10);
        holder.LastHeard = lan.Now;
        lan.Tick();
        lan.Tick();
        Assert.Equal("1 learned 0a; probe 1; 2 refused 0a of 1", lan.News());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_holder_that_does_not_answer_within_3_s_loses_its_address_at_the_next_tick(bool declared)
    {
        var lan = new Lan();
        var (holder, claimant) = TwoFor(lan, declared, declared);
        Assert.Equal("1 learned 0a; probe 1", lan.News());
        lan.Tick(after: 2999);
        Assert.Equal("0a", lan.AddressesOf(holder));
        lan.Tick(after: 1);
        Assert.Equal("0a moved 1 to 2 HolderSilent", lan.News());
        Assert.Equal("", lan.AddressesOf(holder));
        Assert.Equal("0a", lan.AddressesOf(claimant));
        Assert.Equal("flood 1", lan.Send(claimant, A, All));
    }

    [Fact]
    public void A_holder_last_heard_in_the_moment_of_the_question_is_asked_again()
    {
        var lan = new Lan();
        var holder = lan.Join(A);
        lan.Join(A);
        Assert.Equal("1 learned 0a; probe 1", lan.News());
        lan.Tick(after: 2999);
        Assert.Equal("2 refused 0a of 1", lan.News());
        lan.Tick(after: 1);
        Assert.Equal("probe 1", lan.News());
        lan.Tick(after: 3000);
        Assert.Equal("0a moved 1 to 2 HolderSilent", lan.News());
        Assert.Equal("", lan.AddressesOf(holder));
    }

    [Fact]
    public void A_holder_that_does_not_answer_within_3_s_loses_its_address_to_the_next_frame()
    {
        var lan = new Lan();
        var (_, claimant) = TwoFor(lan, holderDeclares: true, claimantDeclares: true);
        lan.Wait(2999);
        Assert.Equal(Conflict, lan.Send(claimant, A, All));
        lan.Wait(1);
        Assert.Equal("flood 1", lan.Send(claimant, A, All));
        Assert.Equal("1 learned 0a; probe 1; 0a moved 1 to 2 HolderSilent", lan.News());
    }

    [Fact]
    public void Traffic_to_the_address_follows_it()
    {
        var lan = new Lan();
        TwoFor(lan, holderDeclares: true, claimantDeclares: true);
        var third = lan.Join(C);
        Assert.Equal("to 1", lan.Send(third, C, A));
        lan.Tick(after: 3000);
        Assert.Equal("to 2", lan.Send(third, C, A));
    }

    [Fact]
    public void An_answer_in_the_same_millisecond_is_an_answer()
    {
        var lan = new Lan();
        var (holder, _) = TwoFor(lan, holderDeclares: true, claimantDeclares: true);
        holder.LastHeard = lan.Now;
        lan.Tick(after: 3000);
        Assert.Equal("0a", lan.AddressesOf(holder));
    }

    [Fact]
    public void A_refused_claimant_that_goes_on_sending_has_the_holder_asked_once_in_3_s()
    {
        var lan = new Lan();
        var (holder, claimant) = TwoFor(lan, holderDeclares: true, claimantDeclares: true);
        lan.News();
        var asked = 0;
        for (var i = 0; i < 300; i++)
        {
            lan.Tick(after: 50);
            Assert.Equal(Conflict, lan.Send(claimant, A, All));
            if (lan.News().Contains("probe", StringComparison.Ordinal)) asked++;
            holder.LastHeard = lan.Now;
        }

        Assert.Equal(5, asked);
    }

    [Fact]
    public void A_refused_claimant_that_is_silent_has_nobody_asked()
    {
        var lan = new Lan();
        var (holder, _) = TwoFor(lan, holderDeclares: true, claimantDeclares: true);
        lan.Wait(1);
        holder.LastHeard = lan.Now;
        lan.Tick();
        lan.News();
        for (var i = 0; i < 100; i++) lan.Tick(after: 1000);
        Assert.Equal("", lan.News());
        Assert.Equal("0a", lan.AddressesOf(holder));
    }

    [Fact]
    public void A_holder_that_answered_once_and_died_since_is_found_out_by_the_next_question()
    {
        var lan = new Lan();
        var (holder, claimant) = TwoFor(lan, holderDeclares: true, claimantDeclares: true);
        holder.LastHeard = lan.Now;
        lan.Wait(10_000);
        Assert.Equal(Conflict, lan.Send(claimant, A, All));
        lan.Tick(after: 3000);
        Assert.Equal("1 learned 0a; probe 1; probe 1; 0a moved 1 to 2 HolderSilent", lan.News());
    }

    [Fact]
    public void One_question_serves_all_claims_on_a_holder()
    {
        var lan = new Lan();
        var holder = lan.Join(A, bridge: true);
        lan.Send(holder, B, All);
        lan.Wait(10);
        var (two, three) = (lan.Join(), lan.Join());
        lan.News();
        Assert.Equal(Conflict, lan.Send(two, A, All));
        Assert.Equal(Conflict, lan.Send(three, B, All));
        Assert.Equal("probe 1", lan.News());
        lan.Tick(after: 3000);
        Assert.Equal("0a moved 1 to 2 HolderSilent; 0b moved 1 to 3 HolderSilent", lan.News());
    }

    [Theory]
    [InlineData("alice", "alice", true)]
    [InlineData("alice", "Alice", false)]
    [InlineData("alice", "bob", false)]
    [InlineData(null, "alice", false)]
    [InlineData("alice", null, false)]
    [InlineData(null, null, false)]
    [InlineData("", "", false)]
    public void Only_the_same_identity_replaces_its_own_old_connection_at_once(string? old, string? fresh, bool replaces)
    {
        var lan = new Lan();
        var (holder, claimant) = (lan.Join(A, identity: old), lan.Join(A, identity: fresh));
        var news = lan.News();
        if (replaces) Assert.Equal("1 learned 0a; 0a moved 1 to 2 SameIdentity", news);
        else Assert.Equal("1 learned 0a; probe 1", news);
        Assert.Equal(replaces ? "" : "0a", lan.AddressesOf(holder));
        Assert.Equal(replaces ? "0a" : "", lan.AddressesOf(claimant));
    }

    [Fact]
    public void The_same_identity_takes_a_learned_address_with_its_first_frame()
    {
        var lan = new Lan();
        var (old, fresh) = (lan.Join(identity: "alice"), lan.Join(identity: "alice"));
        lan.Send(old, A, All);
        Assert.Equal("flood 1", lan.Send(fresh, A, All));
        Assert.Equal("1 learned 0a; 0a moved 1 to 2 SameIdentity", lan.News());
    }

    [Fact]
    public void A_classic_holder_is_not_asked_and_keeps_its_address_until_36_s_of_silence()
    {
        var lan = new Lan();
        var holder = lan.Join(A, classic: true);
        var claimant = lan.Join(A);
        Assert.Equal("1 learned 0a; 2 refused 0a of 1", lan.News());
        lan.Wait(36_000);
        Assert.Equal(Conflict, lan.Send(claimant, A, All));
        lan.Tick();
        Assert.Equal("0a", lan.AddressesOf(holder));
        lan.Tick(after: 1);
        Assert.Equal("0a moved 1 to 2 HolderSilent", lan.News());
    }

    [Fact]
    public void A_classic_holder_that_is_heard_in_between_keeps_its_address()
    {
        var lan = new Lan();
        var holder = lan.Join(A, classic: true);
        var claimant = lan.Join(A);
        for (var i = 0; i < 10; i++)
        {
            lan.Tick(after: 17_000);
            holder.LastHeard = lan.Now;
            Assert.Equal(Conflict, lan.Send(claimant, A, All));
        }

        Assert.Equal("1 learned 0a; 2 refused 0a of 1", lan.News());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Whoever_waited_gets_the_address_at_once_when_the_holder_leaves(bool claimantDeclares)
    {
        var lan = new Lan();
        var (holder, claimant) = TwoFor(lan, holderDeclares: true, claimantDeclares);
        holder.LastHeard = lan.Now;
        lan.Tick();
        lan.News();
        lan.Switch.Remove(holder);
        Assert.Equal("0a moved 1 to 2 HolderLeft", lan.News());
        Assert.Equal("0a", lan.AddressesOf(claimant));
    }

    [Fact]
    public void Those_who_wait_are_served_in_the_order_in_which_they_came()
    {
        var lan = new Lan();
        var holder = lan.Join(A);
        var (two, three, _) = (lan.Join(A), lan.Join(A), lan.Join(A));
        lan.Switch.Remove(two);
        lan.News();
        lan.Switch.Remove(holder);
        Assert.Equal("0a moved 1 to 3 HolderLeft", lan.News());
        lan.Switch.Remove(three);
        Assert.Equal("0a moved 3 to 4 HolderLeft", lan.News());
    }

    [Fact]
    public void A_claimant_that_leaves_is_forgotten()
    {
        var lan = new Lan();
        var (holder, claimant) = TwoFor(lan, holderDeclares: true, claimantDeclares: true);
        lan.Switch.Remove(claimant);
        lan.Tick(after: 3000);
        Assert.Equal("0a", lan.AddressesOf(holder));
        lan.Switch.Remove(holder);
        Assert.Equal(0, lan.Switch.Totals().Addresses);
    }

    [Fact]
    public void A_claimant_that_declared_an_address_may_not_pick_another_and_is_flooded_to_meanwhile()
    {
        var lan = new Lan();
        var (holder, claimant) = TwoFor(lan, holderDeclares: true, claimantDeclares: true);
        Assert.Equal("drop SourceNotAllowed", lan.Send(claimant, B, All));
        Assert.Equal("flood 2", lan.Send(holder, A, All));
    }

    [Fact]
    public void A_claimant_that_declared_nothing_may_pick_another_and_has_then_no_claim_any_more()
    {
        var lan = new Lan();
        var (holder, claimant) = TwoFor(lan, holderDeclares: true, claimantDeclares: false);
        Assert.Equal("flood 1", lan.Send(claimant, B, All));
        Assert.Equal("drop SourceNotAllowed", lan.Send(claimant, A, All));
        lan.Switch.Remove(holder);
        Assert.Equal("0b", lan.AddressesOf(claimant));
        Assert.Equal("1 learned 0a; probe 1; 2 learned 0b", lan.News());
    }

    [Fact]
    public void A_plain_port_contests_one_address_at_a_time()
    {
        var lan = new Lan();
        var (one, two, claimant) = (lan.Join(A), lan.Join(B), lan.Join());
        lan.News();
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(Conflict, lan.Send(claimant, A, All));
            Assert.Equal(Conflict, lan.Send(claimant, B, All));
            one.LastHeard = two.LastHeard = lan.Now;
        }

        Assert.Equal("probe 1; 3 refused 0a of 1", lan.News());
    }

    [Fact]
    public void The_claims_of_a_bridge_port_take_room_among_its_addresses()
    {
        var lan = new Lan(new SwitchOptions { MaxAddressesPerBridge = 2 });
        lan.Join(A);
        lan.Join(B);
        lan.Join(C);
        var bridge = lan.Join(bridge: true);
        Assert.Equal(Conflict, lan.Send(bridge, A, All));
        Assert.Equal(Conflict, lan.Send(bridge, B, All));
        Assert.Equal("drop TableFull", lan.Send(bridge, C, All));
        Assert.Equal("drop TableFull", lan.Send(bridge, D, All));
        Assert.Equal(Conflict, lan.Send(bridge, A, All));
    }

    [Fact]
    public void A_claim_by_frames_is_forgotten_when_the_claimant_has_sent_none_for_the_ageing_time()
    {
        var lan = new Lan();
        var (holder, claimant) = TwoFor(lan, holderDeclares: true, claimantDeclares: false);
        lan.Wait(1);
        holder.LastHeard = lan.Now;
        lan.Tick(after: 299_998);
        Assert.Equal("1 learned 0a; probe 1; 2 refused 0a of 1", lan.News());
        lan.Tick(after: 1);
        lan.Switch.Remove(holder);
        Assert.Equal("", lan.AddressesOf(claimant));
    }

    [Fact]
    public void A_claim_by_declaration_is_not_forgotten()
    {
        var lan = new Lan();
        var (holder, claimant) = TwoFor(lan, holderDeclares: true, claimantDeclares: true);
        holder.LastHeard = lan.Now;
        lan.Tick(after: 1_000_000);
        lan.Switch.Remove(holder);
        Assert.Equal("0a", lan.AddressesOf(claimant));
    }

    [Fact]
    public void A_learned_address_that_ages_goes_to_whoever_waits_and_the_live_port_that_had_it_is_not_said_to_have_lost_it()
    {
        var lan = new Lan();
        var (holder, claimant) = TwoFor(lan, holderDeclares: false, claimantDeclares: true);
        lan.Wait(1);
        holder.LastHeard = lan.Now;
        lan.Tick();
        lan.News();
        lan.Tick(after: 300_000);
        Assert.Equal("2 learned 0a", lan.News());
        Assert.Equal("", lan.AddressesOf(holder));
        Assert.Equal("0a", lan.AddressesOf(claimant));
    }

    [Fact]
    public void A_holder_that_lost_its_address_may_claim_it_back()
    {
        var lan = new Lan();
        var (holder, claimant) = TwoFor(lan, holderDeclares: true, claimantDeclares: true);
        lan.Tick(after: 3000);
        Assert.Equal(Conflict, lan.Send(holder, A, All));
        lan.Switch.Remove(claimant);
        Assert.Equal("0a", lan.AddressesOf(holder));
        Assert.Equal("1 learned 0a; probe 1; 0a moved 1 to 2 HolderSilent; probe 2; 0a moved 2 to 1 HolderLeft", lan.News());
    }

    [Fact]
    public void The_own_address_of_the_servers_tap_never_moves()
    {
        var lan = new Lan();
        var tap = lan.Join(A, uplink: true, identity: "root");
        var claimants = new[] { lan.Join(A, identity: "root"), lan.Join(A, bridge: true), lan.Join(A, classic: true) };
        foreach (var claimant in claimants)
        {
            lan.Tick(after: 100_000);
            Assert.Equal(Conflict, lan.Send(claimant, A, All));
        }

        Assert.Equal("0a", lan.AddressesOf(tap));
        Assert.Equal("1 learned 0a; 2 refused 0a of 1; 3 refused 0a of 1; 4 refused 0a of 1", lan.News());
    }

    [Fact]
    public void The_own_address_of_a_bridging_tap_does_not_roam()
    {
        var lan = new Lan();
        var tap = lan.Join(A, bridge: true, uplink: true);
        var bridge = lan.Join(bridge: true);
        Assert.Equal(Conflict, lan.Send(bridge, A, All));
        Assert.Equal("0a", lan.AddressesOf(tap));
    }

    [Fact]
    public void The_servers_tap_takes_its_own_address_from_whoever_has_it()
    {
        var lan = new Lan();
        lan.Join(A);
        lan.Join(B);
        var tap = lan.Join(A, uplink: true);
        lan.Switch.ReplaceDeclared(tap, B, lan.Now);
        Assert.Equal("0b", lan.AddressesOf(tap));
        Assert.Equal("1 learned 0a; 2 learned 0b; 0a moved 1 to 3 Uplink; 0b moved 2 to 3 Uplink", lan.News());
    }

    [Fact]
    public void An_address_that_the_servers_tap_gives_up_goes_to_whoever_waits()
    {
        var lan = new Lan();
        var tap = lan.Join(A, uplink: true);
        var peer = lan.Join(A);
        lan.Switch.ReplaceDeclared(tap, B, lan.Now);
        Assert.Equal("0a", lan.AddressesOf(peer));
        Assert.Equal("1 learned 0a; 2 refused 0a of 1; 0a moved 1 to 2 HolderLeft; 1 learned 0b", lan.News());
    }

    [Fact]
    public void A_port_that_changes_its_address_has_no_claim_on_the_old_one()
    {
        var lan = new Lan();
        var holder = lan.Join(A);
        var (plain, bridge) = (lan.Join(A), lan.Join(A, bridge: true));
        lan.Switch.ReplaceDeclared(plain, B, lan.Now);
        lan.Switch.ReplaceDeclared(bridge, C, lan.Now);
        lan.Switch.Remove(holder);
        Assert.Equal("0b", lan.AddressesOf(plain));
        Assert.Equal("0c", lan.AddressesOf(bridge));
    }

    [Fact]
    public void A_station_roams_freely_from_one_bridge_port_to_another_and_that_is_told_once_a_second()
    {
        var lan = new Lan();
        var (one, two) = (lan.Join(bridge: true), lan.Join(uplink: true, bridge: true));
        lan.Send(one, C, All);
        lan.News();
        Assert.Equal("flood 1", lan.Send(two, C, All));
        Assert.Equal("0c", lan.AddressesOf(two));
        Assert.Equal("", lan.AddressesOf(one));
        lan.Wait(999);
        Assert.Equal("flood 2", lan.Send(one, C, All));
        Assert.Equal("0c moved 1 to 2 Roamed", lan.News());
        lan.Wait(1);
        Assert.Equal("flood 1", lan.Send(two, C, All));
        Assert.Equal("0c moved 1 to 2 Roamed", lan.News());
    }

    [Fact]
    public void The_address_that_a_bridge_declared_does_not_roam()
    {
        var lan = new Lan();
        var (one, two) = (lan.Join(A, bridge: true), lan.Join(bridge: true));
        Assert.Equal(Conflict, lan.Send(two, A, All));
        Assert.Equal("0a", lan.AddressesOf(one));
    }

    [Fact]
    public void A_bridge_that_declares_an_address_learned_behind_another_has_it_from_then_on()
    {
        var lan = new Lan();
        var one = lan.Join(bridge: true);
        lan.Send(one, A, All);
        var two = lan.Join(A, bridge: true);
        Assert.Equal("0a", lan.AddressesOf(two));
        Assert.Equal(Conflict, lan.Send(one, A, All));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Between_a_plain_and_a_bridge_port_an_address_passes_by_a_claim_only(bool holderBridges, bool claimantBridges)
    {
        var lan = new Lan();
        var (holder, claimant) = (lan.Join(bridge: holderBridges), lan.Join(bridge: claimantBridges));
        lan.Send(holder, A, All);
        lan.Wait(10);
        Assert.Equal(Conflict, lan.Send(claimant, A, All));
        Assert.Equal("0a", lan.AddressesOf(holder));
        lan.Tick(after: 3000);
        Assert.Equal("0a", lan.AddressesOf(claimant));
        Assert.Equal("1 learned 0a; probe 1; 0a moved 1 to 2 HolderSilent", lan.News());
    }

    [Fact]
    public void A_station_behind_a_bridging_tap_is_never_found_silent_but_ages()
    {
        var lan = new Lan();
        var tap = lan.Join(bridge: true, uplink: true);
        lan.Send(tap, A, All);
        var claimant = lan.Join();
        Assert.Equal(Conflict, lan.Send(claimant, A, All));
        lan.Tick(after: 299_000);
        Assert.Equal("0a", lan.AddressesOf(tap));
        Assert.Equal(Conflict, lan.Send(claimant, A, All));
        lan.Tick(after: 1000);
        Assert.Equal("1 learned 0a; 2 refused 0a of 1; 2 learned 0a", lan.News());
    }

    [Fact]
    public void Both_waiting_times_are_options()
    {
        var lan = new Lan(new SwitchOptions { ProbeTimeoutMilliseconds = 100, ClassicSilenceMilliseconds = 200 });
        lan.Join(A);
        lan.Join(B, classic: true);
        lan.Wait(1);
        lan.Join(A);
        lan.Join(B);
        lan.News();
        lan.Tick(after: 100);
        Assert.Equal("0a moved 1 to 3 HolderSilent", lan.News());
        lan.Tick(after: 100);
        Assert.Equal("0b moved 2 to 4 HolderSilent", lan.News());
    }

    // A holder that was last heard one millisecond before the claim.
    private static (TestPort Holder, TestPort Claimant) TwoFor(Lan lan, bool holderDeclares, bool claimantDeclares)
    {
        var holder = lan.Join(holderDeclares ? A : null);
        if (!holderDeclares) lan.Send(holder, A, All);
        lan.Wait(1);
        var claimant = lan.Join(claimantDeclares ? A : null);
        if (!claimantDeclares) Assert.Equal(Conflict, lan.Send(claimant, A, All));
        return (holder, claimant);
    }
}
