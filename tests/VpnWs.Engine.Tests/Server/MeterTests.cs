using System.Diagnostics.Metrics;
using VpnWs.Offload;
using VpnWs.Server;
using VpnWs.Tests.Offload;
using VpnWs.Tests.Transport;
using VpnWs.Tests.WebSockets;
using VpnWs.Transport;
using VpnWs.WebSockets;

namespace VpnWs.Tests.Server;

/// <summary>What the meter tells. Servers and clients of earlier tests have left their counts in it, so it is read before and after.</summary>
[Collection(InProcess.Name)]
public sealed class MeterTests : IDisposable
{
    private static readonly FrameSpec Super = new() { TcpOptions = FrameSpec.Timestamps, Flags = 0x18, Payload = FrameSpec.Bytes(30_000), GsoSize = 1448 };

    private readonly Readings _readings = new();

    public void Dispose() => _readings.Dispose();

    [Fact]
    public async Task It_tells_what_was_sent_and_how_it_was_cut()
    {
        const int smallFrames = 3;
        const int smallLength = 60;
        await using var lan = await InProcessLan.Start(OffloadSwitch.On);
        var (a, b) = (await lan.Join(Ether.Mac(1), OffloadSwitch.On, offloadTap: true), await lan.JoinRaw(Ether.Mac(2)));
        for (var i = 0; i < smallFrames; i++) a.Send(Ether.Mac(2), smallLength, i);
        a.Tap.Send(Super.Unfinished(), Super.SuperHeader());
        var segments = Super.Segments();
        for (var i = 0; i < smallFrames + segments.Count; i++) await b.Next(Opcode.Binary);

        var bytes = (smallFrames * smallLength) + Super.Unfinished().Length;
        await _readings.Expect(smallFrames + 1, "vpnws.frames server receive");
        await _readings.Expect(bytes, "vpnws.io server receive");
        await _readings.Expect(1, "vpnws.super_frames server receive");
        await _readings.Expect(smallFrames + segments.Count, "vpnws.frames server transmit");
        await _readings.Expect((smallFrames * smallLength) + segments.Sum(segment => segment.Length), "vpnws.io server transmit");
        await _readings.Expect(0, "vpnws.super_frames server transmit");
        await _readings.Expect(segments.Count, "vpnws.segments server");
        await _readings.Expect(smallFrames + 1, "vpnws.messages server");
        await _readings.Expect(2, "vpnws.peers server");
        await _readings.Expect(0, "vpnws.queue server");
        await _readings.Expect(smallFrames + 1, "vpnws.frames client transmit");
        await _readings.Expect(bytes, "vpnws.io client transmit");
        await _readings.Expect(1, "vpnws.super_frames client transmit");
        await _readings.Expect(1, "vpnws.peers client");
        Assert.InRange(_readings.Grown("vpnws.batches server"), 1, 2 * (smallFrames + 2));
    }

    [Fact]
    public async Task It_tells_which_frames_were_joined()
    {
        await using var lan = await InProcessLan.Start(OffloadSwitch.On);
        var (peer, station) = (await lan.JoinRaw(Ether.Mac(1)), await lan.Join(Ether.Mac(2), OffloadSwitch.On, offloadTap: true));
        var segments = Super.Segments();
        await peer.Send([.. segments.Select(segment => Wire.Masked(Opcode.Binary, segment))]);
        int arrived = 0, writes = 0, supers = 0, joined = 0;
        for (; arrived < segments.Count; writes++)
        {
            var received = await station.Tap.Receive();
            var count = received.Header.IsSuperFrame ? Segmenter.CountSegments(received.Header, received.Frame) : 1;
            arrived += count;
            if (count == 1) continue;
            supers++;
            joined += count;
        }

        Assert.True(joined > 0);
        await _readings.Expect(joined, "vpnws.coalesced client");
        await _readings.Expect(supers, "vpnws.super_frames client receive");
        await _readings.Expect(writes, "vpnws.frames client receive");
        await _readings.Expect(segments.Count, "vpnws.messages client");
    }

    [Fact]
    public async Task Drops_have_reasons_and_nothing_goes_back_when_peers_and_servers_leave()
    {
        await using var one = await InProcessLan.Start();
        await using (var other = await InProcessLan.Start())
        {
            foreach (var lan in new[] { one, other })
            {
                var peer = await lan.JoinRaw(Ether.Mac(1));
                await peer.SendFrame([1, 2, 3]);
                await peer.SendFrame(Ether.Frame(Ether.Mac(9), Ether.Mac(1)));
                await peer.SendFrame(Ether.Frame(Ether.Mac(9), Ether.Mac(1)));
                await peer.SendFrame(Ether.Frame(Ether.Mac(9), Ether.Mac(2)));
                await Eventually.True("all have come", () => lan.Info(peer.Id).FramesReceived == 4);
            }

            await ExpectCounters();
            await _readings.Expect(2, "vpnws.peers server");
            foreach (var lan in new[] { one, other })
            {
                Assert.True(lan.Server.Kill(lan.Server.GetPeers()[0].Id));
                await lan.Events.WaitFor<PeerLeft>();
            }

            await ExpectCounters();
            await _readings.Expect(0, "vpnws.peers server");
        }

        await ExpectCounters();
        Assert.Equal(4, one.Server.GetStatistics().FramesReceived);
        Assert.Matches("^0 peers; received 4 frames .* dropped 4 frames \\(unknownDestination 2, ", one.Server.GetStatistics().ToString());
    }

    [Fact]
    public async Task It_tells_what_waits_for_a_peer_that_does_not_read()
    {
        await using var lan = await InProcessLan.Start();
        await lan.JoinStalled(Ether.Mac(1), Ether.Mac(2));
        Assert.InRange(_readings.Grown("vpnws.queue server"), 100_000, lan.Server.Options.OutboxLimit);
    }

    private async Task ExpectCounters()
    {
        await _readings.Expect(8, "vpnws.frames server receive");
        await _readings.Expect(2, "vpnws.drops server runt");
        await _readings.Expect(4, "vpnws.drops server unknownDestination");
        await _readings.Expect(2, "vpnws.drops server sourceNotAllowed");
    }

    /// <summary>The instruments by their names and the values of their tags.</summary>
    private sealed class Readings : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly Dictionary<string, long> _now = [];
        private readonly Dictionary<string, long> _first;

        public Readings()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == EngineMeter.Name) listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
                _now[string.Join(' ', [instrument.Name, .. tags.ToArray().Select(tag => tag.Value)])] = value);
            _listener.Start();
            _listener.RecordObservableInstruments();
            _first = new Dictionary<string, long>(_now);
        }

        public long Grown(string name)
        {
            _listener.RecordObservableInstruments();
            return _now.GetValueOrDefault(name) - _first.GetValueOrDefault(name);
        }

        public async Task Expect(long value, string name)
        {
            // What has arrived may be counted a moment later.
            await Eventually.True($"{name} has grown by {value}; now by {Grown(name)}", () => Grown(name) == value);
        }

        public void Dispose() => _listener.Dispose();
    }
}
