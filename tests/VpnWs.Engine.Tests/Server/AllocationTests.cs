using VpnWs.Client;
using VpnWs.Ethernet;
using VpnWs.Server;
using VpnWs.Tests.Transport;
using VpnWs.Tests.WebSockets;
using VpnWs.WebSockets;

namespace VpnWs.Tests.Server;

/// <summary>What a frame costs in memory: nothing.</summary>
[Collection(InProcess.Name)]
public sealed class AllocationTests
{
    private const int Frames = 1_000_000;
    private const int Warmup = 200_000;
    private const int FramesPerSend = 500;
    private const int FrameLength = 60;

    [Fact]
    public async Task A_million_frames_through_a_server_allocate_less_than_a_byte_each()
    {
        await using var lan = await InProcessLan.Start();
        var (from, to) = (await lan.JoinRaw(Ether.Mac(1)), await lan.JoinRaw(Ether.Mac(2)));
        Exchange(from, to, Warmup);

        var before = GC.GetTotalAllocatedBytes(precise: true);
        Exchange(from, to, Frames);
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;

        Assert.Equal(Warmup + Frames, lan.Info(to.Id).FramesSent);
        Assert.InRange(allocated, 0, Frames);
    }

    [Fact]
    public async Task A_million_flooded_frames_allocate_less_than_a_byte_each()
    {
        await using var lan = await InProcessLan.Start();
        var (from, to, _) = (await lan.JoinRaw(Ether.Mac(1)), await lan.JoinRaw(Ether.Mac(2)), await lan.JoinRaw(Ether.Mac(3)));
        Exchange(from, to, Warmup, MacAddress.Broadcast);

        var before = GC.GetTotalAllocatedBytes(precise: true);
        Exchange(from, to, Frames, MacAddress.Broadcast);
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;

        // The third reads nothing: its frames are dropped, and that costs nothing either.
        Assert.Equal(Warmup + Frames, lan.Info(to.Id).FramesSent);
        Assert.InRange(allocated, 0, Frames);
    }

    [Fact]
    public async Task A_million_frames_through_two_clients_and_a_server_allocate_less_than_a_byte_each()
    {
        using var near = new BulkTap(Ether.Mac(1), Ether.Frame(Ether.Mac(2), Ether.Mac(1), FrameLength));
        using var far = new BulkTap(Ether.Mac(2), Ether.Frame(Ether.Mac(1), Ether.Mac(2), FrameLength));
        await using var lan = await InProcessLan.Start();
        await using var a = new VpnWsClient(Station.Options(lan.Uri, near));
        await using var b = new VpnWsClient(Station.Options(lan.Uri, far));
        await a.StartAsync(TestContext.Current.CancellationToken);
        await b.StartAsync(TestContext.Current.CancellationToken);
        await lan.Events.WaitFor<PeerJoined>(number: 2);
        await Eventually.True("both are connected", () => a.IsConnected && b.IsConnected);
        near.Pass(far, Warmup);

        var before = GC.GetTotalAllocatedBytes(precise: true);
        near.Pass(far, Frames);
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;

        Assert.InRange(allocated, 0, Frames);
    }

    // Blocks and allocates nothing. No more is under way than fits an outbox, so nothing is lost.
    private static void Exchange(RawPeer from, RawPeer to, int frames, MacAddress? destination = null)
    {
        const int MessageLength = 2 + FrameLength;
        const int MostUnderWay = 4 * FramesPerSend;
        var message = Wire.Masked(Opcode.Binary, Ether.Frame(destination ?? Ether.Mac(2), Ether.Mac(1), FrameLength));
        var batch = new byte[FramesPerSend * message.Length];
        for (var i = 0; i < FramesPerSend; i++) message.CopyTo(batch, i * message.Length);
        var arrived = 0L;
        var sending = new Thread(() =>
        {
            for (var sent = 0; sent < frames; sent += FramesPerSend)
            {
                while (sent - (Volatile.Read(ref arrived) / MessageLength) > MostUnderWay) Thread.Yield();
                for (var rest = batch.AsSpan(); !rest.IsEmpty;) rest = rest[from.Socket.Send(rest)..];
            }
        });
        var buffer = new byte[256 * 1024];
        to.Socket.ReceiveTimeout = (int)Eventually.Deadline.TotalMilliseconds;
        sending.IsBackground = true;
        sending.Start();
        while (arrived < (long)frames * MessageLength)
        {
            var count = to.Socket.Receive(buffer);
            Assert.NotEqual(0, count);
            Volatile.Write(ref arrived, arrived + count);
        }

        sending.Join();
    }
}
