using VpnWs.Ethernet;
using VpnWs.Hosting;
using VpnWs.Server;
using VpnWs.ServerProgram;
using VpnWs.Switching;

namespace VpnWs.Tests.Hosting;

public sealed class PeerFactsTests
{
    private static readonly PeerInfo Peer = new()
    {
        Id = 7,
        Mac = MacAddress.Parse("02:00:00:00:00:07"),
        RemoteAddress = "192.0.2.7",
        RemoteUser = "ada",
        DistinguishedName = "CN=ada",
        Transport = "https",
        Rule = "a*",
        BytesReceived = 11,
        BytesSent = 12,
        FramesDropped = 3,
        Drops = new Dictionary<string, long> { ["addressSpoofed"] = 3 },
    };

    [Fact]
    public void Every_event_of_the_audit_has_its_kind_and_whom_it_is_about()
    {
        const string Who = "peer=7 mac=02:00:00:00:00:07 address=192.0.2.7 user=ada dn=CN=ada transport=https bridge=False rule=a*";
        var address = Peer.Mac!.Value;
        Assert.Equal($"event=joined {Who}", Facts(new PeerJoined(Peer)));
        var left = new PeerLeft(Peer, "gone");
        Assert.Equal($"event=left {Who} reason=gone seconds=60 received=11 sent=12 dropped=3 drops=addressSpoofed 3", Facts(left with { Time = Peer.ConnectedAt.AddMinutes(1) }));
        Assert.Equal($"event=kicked {Who}", Facts(new PeerKicked(Peer)));
        Assert.Equal($"event=limits {Who} limits=", Facts(new LimitsChanged(Peer)));
        Assert.Equal($"event=guard {Who} reason=dhcpGuarded frames=5", Facts(new GuardHit(Peer, DropReason.DhcpGuarded, 5)));
        Assert.Equal("event=rules rules=3 changed=2 denied=1", Facts(new RulesChanged(3, 2, 1)));
        Assert.Equal("event=frozen mac=02:00:00:00:00:07 peer=1 claimant=2", Facts(new AddressFrozen(address, 1, 2)));
        Assert.Equal("event=blocked peer=1", Facts(new PortBlocked(1)));
        Assert.Equal("event=unblocked peer=1", Facts(new PortUnblocked(1)));
        Assert.Equal("event=conflict mac=02:00:00:00:00:07 peer=1 claimant=2", Facts(new AddressConflict(address, 1, 2)));
        Assert.Equal("event=passed mac=02:00:00:00:00:07 from=1 peer=2 reason=why", Facts(new AddressPassed(address, 1, 2, "why")));
        Assert.Equal("event=limit peer=1 reason=slow frames=9", Facts(new LimitReached(1, "slow", 9)));
        Assert.Equal("event=limit reason=all", Facts(new LimitReached(null, "all", 0)));
        Assert.Equal("event=refused address=192.0.2.9 user= dn= reason=why", Facts(new PeerRefused("192.0.2.9", "why")));
        Assert.Equal("event=refused address=192.0.2.9 user=ada dn=CN=ada reason=why", Facts(new PeerRefused("192.0.2.9", "why") { RemoteUser = "ada", DistinguishedName = "CN=ada" }));
        Assert.Equal("event=lost count=5", Facts(new EventsLost(5)));
        Assert.Equal("event=refused count=80", Facts(new RefusalsLeftOut(80)));
    }

    [Fact]
    public void What_was_read_again_is_told_like_the_other_events()
    {
        Assert.Equal("event=reloaded what=certificate", Facts(new ReloadOutcome("certificate", null)));
        Assert.Equal("event=reloadFailed what=rules reason=r.json: line 2: why", Facts(new ReloadOutcome("rules", "r.json: line 2: why")));
    }

    private static string Facts(ServerEvent happened) => Facts(happened, PeerFacts.Of(happened));

    private static string Facts(ReloadOutcome happened) => Facts(happened, PeerFacts.Of(happened));

    private static string Facts(object happened, LogMessage message)
    {
        Assert.Equal(happened.ToString(), message.Sentence);
        return string.Join(' ', message.Facts.Select(static fact => $"{fact.Key}={fact.Value}"));
    }
}
