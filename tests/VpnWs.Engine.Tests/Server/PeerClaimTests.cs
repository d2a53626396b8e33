using VpnWs.Ethernet;
using VpnWs.Server;
using VpnWs.Tests.Transport;
using VpnWs.Tests.WebSockets;
using VpnWs.WebSockets;

namespace VpnWs.Tests.Server;

/// <summary>Two peers that want one address.</summary>
[Collection(InProcess.Name)]
public sealed class PeerClaimTests
{
    private static readonly MacAddress TapMac = Ether.Mac(0xfe);
    private static readonly MacAddress Wanted = Ether.Mac(1);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_second_peer_with_a_live_peers_address_gets_nothing_and_is_reported(bool declares)
    {
        await using var lan = await InProcessLan.Start(tap: TapMac);
        var holder = await lan.Join(Wanted);
        var thief = await lan.JoinRaw(declares ? Wanted : null);
        await thief.SendFrame(Ether.Frame(TapMac, Wanted, seed: 6));

        var conflict = await lan.Events.WaitFor<AddressConflict>();

        Assert.Equal((Wanted, lan.Info(Wanted).Id, thief.Id), (conflict.Address, conflict.HolderId, conflict.ClaimantId));
        await thief.SendFrame(Ether.Frame(TapMac, Wanted, seed: 7));
        lan.Tap.Send(Ether.Frame(Wanted, TapMac, seed: 8));
        await holder.Tap.Expect(Ether.Frame(Wanted, TapMac, seed: 8));
        holder.Send(TapMac, seed: 9);
        await lan.Tap.Expect(Ether.Frame(TapMac, Wanted, seed: 9));
        await Eventually.True("the thief's frames are dropped", () => lan.Info(thief.Id).Drops.GetValueOrDefault("addressConflict") == 2);
        Assert.Equal(0, lan.Info(thief.Id).FramesSent);
        Assert.Equal(0, lan.Tap.Waiting);
        Assert.Single(lan.Events.All<AddressConflict>());
        Assert.Equal(1, holder.Client.LinksMade);
    }

    [Fact]
    public async Task The_same_user_takes_its_address_along_at_once_and_the_old_connection_is_closed()
    {
        await using var lan = await InProcessLan.Start(tap: TapMac);
        var (old, stranger) = (await lan.JoinUser("alice", Wanted), await lan.JoinUser("bob", Wanted));
        var fresh = await lan.JoinUser("alice", Wanted);

        var passed = await lan.Events.WaitFor<AddressPassed>();

        Assert.Equal((Wanted, old.Id, fresh.Id), (passed.Address, passed.FromId, passed.ToId));
        await fresh.SendFrame(Ether.Frame(TapMac, Wanted));
        await lan.Tap.Expect(Ether.Frame(TapMac, Wanted));
        lan.Tap.Send(Ether.Frame(Wanted, TapMac));
        await fresh.Expect(Ether.Frame(Wanted, TapMac));
        await old.ExpectClose(1008);
        Assert.Equal(old.Id, (await lan.Events.WaitFor<PeerLeft>()).Peer.Id);
        Assert.Equal(0, lan.Info(stranger.Id).FramesSent);
    }

    [Fact]
    public async Task A_silent_holder_is_asked_and_loses_the_address_after_three_seconds()
    {
        await using var lan = await InProcessLan.Start(tap: TapMac);
        var (silent, next) = (await lan.JoinRaw(Wanted), await lan.JoinRaw(Wanted));
        var since = Environment.TickCount64;
        Assert.Equal(Opcode.Ping, (await silent.Read())!.Opcode);

        var passed = await lan.Events.WaitFor<AddressPassed>();

        Assert.InRange(Environment.TickCount64 - since, 2500, 10_000);
        Assert.Equal((silent.Id, next.Id), (passed.FromId, passed.ToId));
        await next.SendFrame(Ether.Frame(TapMac, Wanted));
        await lan.Tap.Expect(Ether.Frame(TapMac, Wanted));
        await silent.ExpectClose(1008);
    }

    [Fact]
    public async Task The_address_passes_on_when_its_holder_leaves()
    {
        await using var lan = await InProcessLan.Start(tap: TapMac);
        var holder = await lan.JoinRaw(Wanted);
        var next = await lan.JoinRaw(Wanted);
        await holder.Send(Wire.Masked(Opcode.Close, "03e8"));
        await lan.Events.WaitFor<AddressPassed>(passed => passed.ToId == next.Id);
        lan.Tap.Send(Ether.Frame(Wanted, TapMac));
        await next.Expect(Ether.Frame(Wanted, TapMac));
    }

    [Fact]
    public async Task The_servers_own_address_is_nobody_elses()
    {
        await using var lan = await InProcessLan.Start(tap: TapMac);
        var thief = await lan.JoinRaw(TapMac);
        var conflict = await lan.Events.WaitFor<AddressConflict>();
        Assert.Equal((TapMac, lan.Info().Id, thief.Id), (conflict.Address, conflict.HolderId, conflict.ClaimantId));
    }
}
