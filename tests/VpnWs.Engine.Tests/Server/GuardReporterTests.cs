using VpnWs.Http;
using VpnWs.Server;
using VpnWs.Switching;
using VpnWs.Tests.Transport;
using VpnWs.WebSockets;

namespace VpnWs.Tests.Server;

public sealed class GuardReporterTests
{
    private readonly List<GuardHit> _hits = [];
    private readonly GuardReporter _reporter;

    public GuardReporterTests() => _reporter = new GuardReporter(static peer => new PeerInfo { Id = peer.Id }, happened => _hits.Add((GuardHit)happened));

    [Fact]
    public void A_guard_is_told_of_at_once_and_then_every_ten_seconds_with_the_number_of_frames()
    {
        var peer = Peer(1);
        for (var now = 0; now <= 20_000; now += 250)
        {
            peer.Counters.CountDrop(DropReason.DhcpGuarded);
            peer.Counters.CountDrop(DropReason.OutboxFull);
            _reporter.Tick([peer], now);
        }

        Assert.Equal([(DropReason.DhcpGuarded, 1L), (DropReason.DhcpGuarded, 40), (DropReason.DhcpGuarded, 40)], _hits.Select(static hit => (hit.Reason, hit.Count)));
    }

    [Fact]
    public void Nobody_hides_behind_others_who_keep_every_guard_busy()
    {
        DropReason[] guards =
        [
            DropReason.SourceNotAllowed, DropReason.VlanNotAllowed, DropReason.AddressSpoofed, DropReason.DhcpGuarded, DropReason.RouterGuarded, DropReason.Unreadable,
            DropReason.FrameLimited, DropReason.BandwidthLimited, DropReason.StormLimited, DropReason.UnknownLimited, DropReason.AddressFrozen, DropReason.LoopBlocked,
            DropReason.Isolated,
        ];
        var peers = Enumerable.Range(1, 40).Select(Peer).ToArray();
        var told = 0;
        for (var now = 0; now < 60_000; now += 1000)
        {
            foreach (var peer in peers[..^1])
            {
                foreach (var guard in guards) peer.Counters.CountDrop(guard);
            }

            peers[^1].Counters.CountDrop(DropReason.AddressSpoofed);
            _reporter.Tick(peers, now);
            Assert.InRange(_hits.Count - told, 1, GuardReporter.MostPerSecond);
            told = _hits.Count;
        }

        Assert.Equal(40, _hits.Select(static hit => hit.Peer.Id).Distinct().Count());
        Assert.Contains(_hits, static hit => hit is { Peer.Id: 40, Count: > 1 });
    }

    [Fact]
    public void Who_leaves_before_he_is_told_of_is_told_of_as_he_leaves()
    {
        var peer = new PeerInfo { Id = 7, FramesDropped = 12, Drops = new Dictionary<string, long> { ["addressSpoofed"] = 10, ["stormLimited"] = 2 } };
        Assert.Equal("addressSpoofed 10, stormLimited 2", new PeerLeft(peer, "gone").Drops);
        Assert.EndsWith("dropped 12 frames (addressSpoofed 10, stormLimited 2)", new PeerLeft(peer, "gone").ToString(), StringComparison.Ordinal);
        Assert.EndsWith("dropped 0 frames", new PeerLeft(new PeerInfo(), "gone").ToString(), StringComparison.Ordinal);
    }

    private static PeerPort Peer(int id) =>
        new(id, new FakeChannel(), new HandshakeRequest(), new HandshakeVerdict.Accepted { Accept = "", Protocol = null, Mac = null }, "http", "", 1000);
}
