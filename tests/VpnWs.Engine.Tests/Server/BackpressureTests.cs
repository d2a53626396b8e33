using VpnWs.Server;
using VpnWs.Switching;
using VpnWs.Tests.Transport;
using VpnWs.Tests.WebSockets;
using VpnWs.WebSockets;

namespace VpnWs.Tests.Server;

/// <summary>A peer that stops reading while another floods it.</summary>
[Collection(InProcess.Name)]
public sealed class BackpressureTests
{
    private const int Limit = 100_000;
    private const int FrameLength = 1400;
    private const int Batch = 100;

    [Fact]
    public async Task It_loses_what_is_over_its_bound_and_nobody_else_loses_anything_and_it_goes_on_when_it_reads()
    {
        await using var lan = await InProcessLan.Start(options => options with { OutboxLimit = Limit });
        var stalled = await lan.JoinDeaf(Ether.Mac(1));
        var (flooder, one, two) = (await lan.JoinRaw(Ether.Mac(2)), await lan.JoinRaw(Ether.Mac(3)), await lan.JoinRaw(Ether.Mac(4)));
        var message = Wire.Masked(Opcode.Binary, Ether.Frame(Ether.Mac(1), Ether.Mac(2), FrameLength));
        var flood = Enumerable.Repeat(message, Batch).SelectMany(bytes => bytes).ToArray();

        // Far more than the kernel's buffers and the outbox take.
        var round = 0;
        for (; lan.Drops(DropReason.OutboxFull, stalled.Id) < 20 * Batch; round++)
        {
            Assert.True(round < 10_000, "Nothing is ever dropped.");
            await flooder.Send(flood);
            await Exchange(one, 3, two, 4, round);
        }

        Assert.Empty(lan.Info(flooder.Id).Drops);
        Assert.Empty(lan.Info(one.Id).Drops);
        Assert.Empty(lan.Info(two.Id).Drops);

        // All that was sent arrives, in whole messages; then frames come again.
        await Eventually.True("the flood is switched", () => lan.Info(flooder.Id).FramesReceived == round * Batch);
        var sent = lan.Info(stalled.Id).FramesSent;
        for (var i = 0L; i < sent; i++) await stalled.Expect(Ether.Frame(Ether.Mac(1), Ether.Mac(2), FrameLength));
        await flooder.SendFrame(Ether.Frame(Ether.Mac(1), Ether.Mac(2), seed: 77));
        await stalled.Expect(Ether.Frame(Ether.Mac(1), Ether.Mac(2), seed: 77));
    }

    [Fact]
    public async Task What_waits_for_it_never_exceeds_the_bound()
    {
        var peers = FakePeers.NewTable(new VpnWsServerOptions { OutboxLimit = Limit });
        using var stalled = new FakeChannel();
        using var flooder = new FakeChannel();
        var serving = new[] { peers.Serve(stalled, Ether.Mac(1)), peers.Serve(flooder, Ether.Mac(2)) };
        await Eventually.True("both have joined", () => stalled.Times.Count == 1 && flooder.Times.Count == 1);
        stalled.Room = 5000;
        var outbox = peers.Find(1)!.Outbox;
        var frame = Ether.Frame(Ether.Mac(1), Ether.Mac(2), FrameLength);
        var batch = Enumerable.Repeat(Wire.Masked(Opcode.Binary, frame), Batch).SelectMany(bytes => bytes).ToArray();
        for (var i = 1; i <= 20; i++)
        {
            flooder.Bring(batch);
            await Eventually.True("the batch is switched", () => peers.Find(2)!.Counters.FramesReceived == i * Batch);
            Assert.InRange(outbox.Length, 1, Limit);
        }

        var counters = peers.Find(1)!.Counters;
        Assert.InRange(counters.FramesSent, Limit / (FrameLength + 4) - 1, Limit / (FrameLength + 4) + 5);
        Assert.Equal(20 * Batch, counters.FramesSent + counters.Drops(DropReason.OutboxFull));

        stalled.Drain();
        await Eventually.True("all has left", () => outbox.Length == 0);
        stalled.Bring();
        flooder.Bring();
        await Eventually.Within("both leave", Task.WhenAll(serving));
    }

    [Fact]
    public async Task A_stalled_peer_can_still_be_killed_and_leaves_nothing_behind()
    {
        await using var lan = await InProcessLan.Start(options => options with { OutboxLimit = Limit });
        var (stalled, flooder) = await lan.JoinStalled(Ether.Mac(1), Ether.Mac(2));
        Assert.True(lan.Server.Kill(stalled.Id));
        await Eventually.True("it is gone", () => lan.Server.PeerCount == 1);
        await flooder.Send(Wire.Masked(Opcode.Ping, "aa"));
        await flooder.Next(Opcode.Pong);
    }

    private static async Task Exchange(RawPeer one, int oneNumber, RawPeer two, int twoNumber, int seed)
    {
        await one.SendFrame(Ether.Frame(Ether.Mac(twoNumber), Ether.Mac(oneNumber), 200, seed));
        await two.Expect(Ether.Frame(Ether.Mac(twoNumber), Ether.Mac(oneNumber), 200, seed));
        await two.SendFrame(Ether.Frame(Ether.Mac(oneNumber), Ether.Mac(twoNumber), 200, seed));
        await one.Expect(Ether.Frame(Ether.Mac(oneNumber), Ether.Mac(twoNumber), 200, seed));
    }
}
