using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using VpnWs.Transport;

namespace VpnWs.Tests.Transport;

/// <summary>Sockets of an event loop, with the kernel in between.</summary>
[SupportedOSPlatform("linux")]
public sealed class PolledChannelTests : IDisposable
{
    private static int s_count;

    // The kernel keeps 15 characters of it.
    private readonly string _name = $"test loop {Interlocked.Increment(ref s_count)}";
    private readonly EventLoop _loop;
    private readonly List<IDisposable> _opened = [];

    public PolledChannelTests() => _loop = new EventLoop(_name);

    public void Dispose()
    {
        foreach (var opened in _opened) opened.Dispose();
        _loop.Dispose();
    }

    [Fact]
    public async Task A_wait_ends_on_the_loops_thread_when_bytes_arrive()
    {
        var (channel, peer) = Open();
        var woken = WaitAndNameThread(channel);
        Assert.False(woken.IsCompleted);
        peer.Send([1, 2, 3]);
        Assert.Equal(_name, await woken.WaitAsync(Eventually.Deadline, TestContext.Current.CancellationToken));
        Assert.Equal([1, 2, 3], await Receive(channel, 100));
    }

    [Fact]
    public async Task What_is_left_by_a_small_receive_is_there_at_once()
    {
        var (channel, peer) = Open();
        peer.Send([1, 2, 3, 4]);
        await channel.WaitAsync(CancellationToken.None);
        Assert.Equal([1, 2], await Receive(channel, 2));
        await Within(channel.WaitAsync(CancellationToken.None).AsTask());
        Assert.Equal([3, 4], await Receive(channel, 2));
        var wait = channel.WaitAsync(CancellationToken.None).AsTask();
        peer.Send([5]);
        await Within(wait);
        Assert.Equal([5], await Receive(channel, 2));
    }

    [Fact]
    public async Task An_end_that_came_with_the_last_bytes_is_seen()
    {
        var (channel, peer) = Open();
        peer.Send([1]);
        peer.Shutdown(SocketShutdown.Send);
        await Task.Delay(20, TestContext.Current.CancellationToken);
        Assert.Equal([1], await Receive(channel, 100));
        await Within(channel.WaitAsync(CancellationToken.None).AsTask());
        Assert.Empty(await Receive(channel, 100));
    }

    [Fact]
    public async Task Bytes_pass_whole_and_in_order_however_they_are_cut()
    {
        const int length = 3_000_000;
        var (channel, peer) = Open();
        var sent = new byte[length];
        new Random(1).NextBytes(sent);
        var sending = Task.Run(
            () =>
            {
                var random = new Random(2);
                for (var at = 0; at < length;) at += peer.Send(sent.AsSpan(at, Math.Min(random.Next(1, 20_000), length - at)));
            },
            TestContext.Current.CancellationToken);
        var received = new List<byte>();
        var sizes = new Random(3);
        while (received.Count < length)
        {
            await Within(channel.WaitAsync(CancellationToken.None).AsTask());
            received.AddRange(await Receive(channel, sizes.Next(1, 40_000)));
        }

        await sending;
        Assert.Equal(sent, received);
    }

    [Fact]
    public async Task What_the_kernel_does_not_take_at_once_follows_as_the_peer_reads()
    {
        const int length = 20_000_000;
        var (channel, peer) = Open();
        var data = new byte[length];
        new Random(1).NextBytes(data);
        var sending = channel.SendAsync(data, CancellationToken.None).AsTask();
        Assert.False(sending.IsCompleted);
        var read = await ReadAll(peer, length);
        await Within(sending);
        Assert.Equal(data, read);
    }

    [Fact]
    public async Task A_peer_that_has_ended_its_direction_is_still_waited_for_when_it_does_not_read()
    {
        const int length = 20_000_000;
        var (channel, peer) = Open();
        peer.Shutdown(SocketShutdown.Send);
        var sending = channel.SendAsync(new byte[length], CancellationToken.None).AsTask();
        Assert.Empty(await Receive(channel, 1));
        var before = LoopTicks();
        await Task.Delay(500, TestContext.Current.CancellationToken);
        Assert.False(sending.IsCompleted);
        Assert.InRange(LoopTicks() - before, 0, 20);
        Assert.Equal(length, (await ReadAll(peer, length)).Length);
        await Within(sending);
    }

    [Fact]
    public async Task A_cancelled_wait_ends_and_the_next_one_works()
    {
        var (channel, peer) = Open();
        using var cancel = new CancellationTokenSource();
        var wait = channel.WaitAsync(cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Within(wait));
        var next = channel.WaitAsync(CancellationToken.None).AsTask();
        peer.Send([1]);
        await Within(next);
        Assert.Equal([1], await Receive(channel, 10));
    }

    [Fact]
    public async Task Disposing_wakes_whoever_receives_or_sends()
    {
        var (channel, _) = Open();
        var receiving = channel.ReceiveAsync(new byte[10], CancellationToken.None).AsTask();
        var sending = channel.SendAsync(new byte[20_000_000], CancellationToken.None).AsTask();
        channel.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Within(receiving));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Within(sending));
        Assert.Equal(0, _loop.Count);
    }

    [Fact]
    public async Task A_peer_that_never_pauses_leaves_turns_to_others()
    {
        var (greedy, flood) = Open();
        var (modest, other) = Open();
        flood.Blocking = false;
        var served = 0;
        var stop = false;
        var greedyLoop = ServeGreedy();
        flood.Send(new byte[1000]);
        await Eventually.True("the greedy one is served", () => Volatile.Read(ref served) > 100);
        for (byte i = 0; i < 20; i++)
        {
            var wait = modest.WaitAsync(CancellationToken.None).AsTask();
            other.Send([i]);
            await Within(wait);
            Assert.Equal([i], await Receive(modest, 10));
        }

        Volatile.Write(ref stop, true);
        flood.Send([1], SocketFlags.None, out _);
        await Within(greedyLoop);

        async Task ServeGreedy()
        {
            var buffer = new byte[1];
            while (!Volatile.Read(ref stop))
            {
                // Always ready: one byte is taken, and more are put in.
                await greedy.WaitAsync(CancellationToken.None).ConfigureAwait(false);
                flood.Send(new byte[16], SocketFlags.None, out _);
                await greedy.ReceiveAsync(buffer, CancellationToken.None).ConfigureAwait(false);
                served++;
            }
        }
    }

    [Fact]
    public async Task After_the_loop_has_stopped_whoever_waits_is_still_woken()
    {
        var (channel, _) = Open();
        var receiving = channel.ReceiveAsync(new byte[10], CancellationToken.None).AsTask();
        _loop.Dispose();
        channel.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Within(receiving));
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        Assert.Null(PolledChannel.TryOpen(socket, _loop));
    }

    [Fact]
    public async Task Places_are_used_again_and_each_wakes_its_own()
    {
        for (var round = 0; round < 50; round++)
        {
            var (first, firstPeer) = Open();
            var (second, secondPeer) = Open();
            firstPeer.Send([1]);
            first.Dispose();
            var (third, thirdPeer) = Open();
            var wait = third.ReceiveAsync(new byte[10], CancellationToken.None).AsTask();
            var other = second.ReceiveAsync(new byte[10], CancellationToken.None).AsTask();
            thirdPeer.Send([1, 2, 3]);
            Assert.Equal(3, await wait.WaitAsync(Eventually.Deadline, TestContext.Current.CancellationToken));
            Assert.False(other.IsCompleted);
            secondPeer.Send([1, 2]);
            Assert.Equal(2, await other.WaitAsync(Eventually.Deadline, TestContext.Current.CancellationToken));
            second.Dispose();
            third.Dispose();
        }

        Assert.Equal(0, _loop.Count);
    }

    /// <summary>The processor time of the loop's thread, in hundredths of a second (proc_pid_stat(5): utime and stime).</summary>
    private long LoopTicks() => Directory.GetDirectories("/proc/self/task")
        .Where(task => File.ReadAllText($"{task}/comm").Trim() == _name)
        .Sum(task => File.ReadAllText($"{task}/stat").Split(')')[^1].Split(' ')[12..14].Sum(long.Parse));

    private static Task Within(Task task) => task.WaitAsync(Eventually.Deadline, TestContext.Current.CancellationToken);

    private static async Task<string?> WaitAndNameThread(PolledChannel channel)
    {
        await channel.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        return Thread.CurrentThread.Name;
    }

    private static async Task<byte[]> Receive(PolledChannel channel, int atMost)
    {
        var buffer = new byte[atMost];
        return buffer[..await channel.ReceiveAsync(buffer, CancellationToken.None)];
    }

    private static Task<byte[]> ReadAll(Socket peer, int length) => Task.Run(() =>
    {
        var read = new byte[length];
        for (var at = 0; at < length;) at += peer.Receive(read.AsSpan(at));
        return read;
    });

    private (PolledChannel Channel, Socket Peer) Open()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        peer.Connect(listener.LocalEndPoint!);
        var channel = PolledChannel.TryOpen(listener.Accept(), _loop);
        Assert.NotNull(channel);
        _opened.AddRange([channel, peer]);
        return (channel, peer);
    }
}
