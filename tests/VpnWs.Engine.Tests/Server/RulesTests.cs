using System.Text;
using VpnWs.Ethernet;
using VpnWs.Server;
using VpnWs.Switching;
using VpnWs.Switching.Guards;
using VpnWs.Tests.Switching.Guards;
using VpnWs.Tests.Transport;

namespace VpnWs.Tests.Server;

/// <summary>Rules in a running server: who may what, from the handshake on, and when that changes.</summary>
[Collection(InProcess.Name)]
public sealed class RulesTests
{
    private static readonly KeyValuePair<string, string> WantsBridge = new("HTTP_X_VPN_WS_BRIDGE", "on");

    [Fact]
    public async Task Rules_decide_who_is_a_bridge_and_who_comes_in()
    {
        await using var lan = await Start("""
            { "rules": [
                { "user": "gw", "bridge": true },
                { "user": "bad*", "deny": true },
                { "user": "fixed", "macs": [ "02:00:00:00:00:07" ], "uploadLimit": "20M" },
            ] }
            """);
        var gateway = await Join(lan, "gw", 1, WantsBridge);
        var shy = await Join(lan, "gw", 2);
        var ada = await Join(lan, "ada", 3, WantsBridge);
        var fix = await Join(lan, "fixed", 7);
        Assert.Equal((true, "gw", 1024, 0), Facts(gateway));
        Assert.Equal((false, "gw", 1, 1000), Facts(shy));
        Assert.Equal((false, "", 1, 1000), Facts(ada));
        Assert.Equal(20_000_000, lan.Info(fix.Id).Limits!.UploadLimit);
        Assert.Equal("off", ada.Field("X-vpn-ws-bridge"));
        Assert.StartsWith("HTTP/1.1 403 ", await Refused(lan, "bad1", 8), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 403 ", await Refused(lan, "fixed", 8), StringComparison.Ordinal);
        var refused = await lan.Events.WaitFor<PeerRefused>(refused => refused.Reason.Contains("do not give this user the MAC address 02:00:00:00:00:08", StringComparison.Ordinal));
        Assert.Equal(("fixed", ""), (refused.RemoteUser, refused.DistinguishedName));
        Assert.Contains(" as fixed: The rules", refused.ToString(), StringComparison.Ordinal);
        Assert.Equal("bad1", (await lan.Events.WaitFor<PeerRefused>(refused => refused.Reason.Contains("keep this user out", StringComparison.Ordinal))).RemoteUser);

        (bool, string, int?, long?) Facts(RawPeer peer) => lan.Info(peer.Id) is var info ? (info.IsBridge, info.Rule, info.Limits!.MaxMacs, info.Limits.StormLimit) : default;
    }

    [Fact]
    public async Task Without_rules_the_defaults_of_the_server_hold()
    {
        await using var lan = await InProcessLan.Start(static options => options with { StormLimit = 5 });
        var one = await Join(lan, "ada", 1, WantsBridge);
        var two = await Join(lan, "ada", 2);
        Assert.True(lan.Info(one.Id).IsBridge);
        Assert.Equal(0, lan.Info(one.Id).Limits!.StormLimit);
        Assert.Equal(5, lan.Info(two.Id).Limits!.StormLimit);
        for (var i = 0; i < 60; i++) await two.SendFrame(Ether.Frame(MacAddress.Broadcast, Ether.Mac(2)));
        await Eventually.True("broadcasts are dropped", () => lan.Drops(DropReason.StormLimited, two.Id) > 0);
        var hit = await lan.Events.WaitFor<GuardHit>(hit => hit.Reason == DropReason.StormLimited);
        Assert.Equal((two.Id, "stormLimited"), (hit.Peer.Id, hit.Guard));
        Assert.True(hit.Count > 0);
    }

    [Fact]
    public async Task Every_guard_drops_counts_and_is_reported_while_honest_frames_pass()
    {
        await using var lan = await Start("""
            { "defaults": { "ips": [ "10.0.0.7", "fd00::7" ] }, "rules": [ { "user": "gw", "ips": [], "dhcpGuard": false, "routerGuard": false, "taggedVlans": [ "0-20" ] } ] }
            """);
        var gateway = await Join(lan, "gw", 99);
        var ada = await Join(lan, "ada", 10);
        var advertisement = Packets.IPv6(Packets.OwnLinkLocal, 58, Packets.Neighbor(134, null), "60:30 60");
        (byte[] Frame, DropReason Reason)[] bad =
        [
            (Packets.Frame(0x0800, Packets.IPv4("10.0.0.8", 6, new byte[20])), DropReason.AddressSpoofed),
            (Packets.Frame(0x0806, Packets.Arp(Packets.Own, "10.0.0.1")), DropReason.AddressSpoofed),
            (Packets.Frame(0x86dd, Packets.IPv6("fd00::7", 58, Packets.Neighbor(136, "fe80::1"))), DropReason.AddressSpoofed),
            (Packets.Frame(0x0800, Packets.IPv4("10.0.0.7", 17, Packets.Udp(67, 68))), DropReason.DhcpGuarded),
            (Packets.Frame(0x86dd, advertisement), DropReason.RouterGuarded),
            (Packets.Frame(0x86dd, advertisement[..60]), DropReason.Unreadable),
            (Packets.Frame(0x0800, Packets.IPv4("10.0.0.7", 6, new byte[20]), "vlan"), DropReason.VlanNotAllowed),
        ];
        foreach (var (frame, _) in bad) await ada.SendFrame(frame);
        var good = Packets.Frame(0x0800, Packets.IPv4("10.0.0.7", 17, Packets.Udp(68, 67)));
        await ada.SendFrame(good);
        await gateway.Expect(good);
        foreach (var reason in bad.GroupBy(static entry => entry.Reason)) await lan.ExpectDrops(reason.Count(), reason.Key, ada.Id);
        foreach (var reason in bad.Select(static entry => entry.Reason).Distinct()) await lan.Events.WaitFor<GuardHit>(hit => hit.Reason == reason && hit.Peer.Id == ada.Id);

        // Who may, may.
        Ether.Mac(99).CopyTo(bad[3].Frame.AsSpan(6));
        await gateway.SendFrame(bad[3].Frame);
        await ada.Expect(bad[3].Frame);
        Assert.Equal(0, lan.Info(gateway.Id).FramesDropped);
    }

    [Fact]
    public async Task A_peer_in_a_VLAN_reaches_the_tap_with_a_tag_and_is_answered_without()
    {
        await using var lan = await InProcessLan.Start(
            static options => options with { Rules = PeerRules.Parse("""{ "rules": [ { "user": "ten", "vlan": 10 }, { "user": "off", "isolationGroup": "x" } ] }"""u8) }, Ether.Mac(50));
        var (ten, other) = (await Join(lan, "ten", 1), await Join(lan, "ten", 2));
        var (outside, apart) = (await Join(lan, "off", 3), await Join(lan, "off", 4));
        var broadcast = Ether.Frame(MacAddress.Broadcast, Ether.Mac(1));
        await ten.SendFrame(broadcast);
        await lan.Tap.Expect(Ether.Tagged(broadcast, 0x8100_000a));
        await other.Expect(broadcast);
        var answer = Ether.Frame(Ether.Mac(1), Ether.Mac(50));
        lan.Tap.Send(Ether.Tagged(answer, 0x8100_000a));
        await ten.Expect(answer);
        await ten.SendFrame(Ether.Frame(Ether.Mac(3), Ether.Mac(1)));
        await lan.ExpectDrops(1, DropReason.VlanNotAllowed, ten.Id);
        await outside.SendFrame(Ether.Frame(Ether.Mac(4), Ether.Mac(3)));
        await lan.ExpectDrops(1, DropReason.Isolated, outside.Id);
        Assert.Contains("kept apart from", $"{await lan.Events.WaitFor<GuardHit>(hit => hit.Guard == "isolated" && hit.Peer.Id == outside.Id)}", StringComparison.Ordinal);
        Assert.Equal(0, lan.Info(apart.Id).FramesSent);
    }

    [Fact]
    public async Task Other_rules_hold_at_once_for_those_who_are_here()
    {
        await using var lan = await Start("""{ "rules": [ { "user": "ada", "frameLimit": 100 }, { "user": "bob", "frameLimit": 100 } ] }""");
        var (ada, bob, eve) = (await Join(lan, "ada", 1), await Join(lan, "bob", 2), await Join(lan, "eve", 3));
        Assert.True(lan.Server.ChangeLimits(bob.Id, new PortLimits { DownloadLimit = 7000 }));
        Assert.Equal(7000, (await lan.Events.WaitFor<LimitsChanged>()).Peer.Limits!.DownloadLimit);
        Assert.False(lan.Server.ChangeLimits(99, new PortLimits()));
        Assert.Throws<FormatException>(() => lan.Server.ChangeLimits(bob.Id, new PortLimits { Vlan = 9999 }));

        lan.Server.ChangeRules(PeerRules.Parse("""{ "rules": [ { "user": "ada", "frameLimit": 200 }, { "user": "bob", "frameLimit": 100 }, { "user": "eve", "deny": true } ] }"""u8));
        Assert.Equal((3, 2, 1), await lan.Events.WaitFor<RulesChanged>() is var told ? (told.Rules, told.Changed, told.Denied) : default);
        await eve.ExpectClose(1008);
        Assert.Equal(200, lan.Info(ada.Id).Limits!.FrameLimit);
        Assert.Equal((100, 7000), (lan.Info(bob.Id).Limits!.FrameLimit, lan.Info(bob.Id).Limits!.DownloadLimit));
        Assert.StartsWith("HTTP/1.1 403 ", await Refused(lan, "eve", 3), StringComparison.Ordinal);

        Assert.True(lan.Server.Kill(bob.Id));
        Assert.Equal(bob.Id, (await lan.Events.WaitFor<PeerKicked>()).Peer.Id);
    }

    private static Task<InProcessLan> Start(string rules) => InProcessLan.Start(options => options with { Rules = PeerRules.Parse(Encoding.UTF8.GetBytes(rules)) });

    private static Task<RawPeer> Join(InProcessLan lan, string user, int mac, params KeyValuePair<string, string>[] more) =>
        lan.JoinRaw(lan.Uwsgi, RawPeer.UwsgiHead(Ether.Mac(mac), [new("REMOTE_USER", user), .. more]));

    private static async Task<string> Refused(InProcessLan lan, string user, int mac)
    {
        var peer = await lan.Connect(lan.Uwsgi);
        await peer.Send(RawPeer.UwsgiHead(Ether.Mac(mac), new KeyValuePair<string, string>("REMOTE_USER", user)));
        return await peer.ReadToEnd();
    }
}
