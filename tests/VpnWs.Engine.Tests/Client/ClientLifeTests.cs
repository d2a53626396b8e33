using VpnWs.Client;
using VpnWs.Tests.Transport;

namespace VpnWs.Tests.Client;

/// <summary>How a client ends, and what it says on the way.</summary>
[Collection(InProcess.Name)]
public sealed class ClientLifeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_come_in_order_and_a_handler_that_throws_hurts_nobody()
    {
        await using var lan = await InProcessLan.Start();
        using var tap = new FakeTap(Ether.Mac(1));
        var log = new EventLog<ClientEvent>();
        var client = new VpnWsClient(Station.Options(lan.Uri, tap) with { MaxReconnectDelay = TimeSpan.FromMilliseconds(50) });
        client.EventRaised += (_, _) => throw new InvalidOperationException("a broken handler");
        client.EventRaised += log.Add;
        await client.StartAsync(Token);
        await log.WaitFor<Connected>();
        lan.Server.Kill(lan.Info(Ether.Mac(1)).Id);
        await log.WaitFor<Connected>(number: 2);
        await client.DisposeAsync();
        Assert.Equal(
            [nameof(Connecting), nameof(Connected), nameof(Disconnected), nameof(Connecting), nameof(Connected)],
            log.All<ClientEvent>().Select(item => item.GetType().Name));
        Assert.Contains("1008", log.All<Disconnected>()[0].Reason, StringComparison.Ordinal);
        Assert.All(log.All<ClientEvent>(), item => Assert.NotEmpty(item.ToString()));
    }

    [Fact]
    public async Task It_can_be_disposed_twice_at_once_and_before_it_was_started()
    {
        await using var lan = await InProcessLan.Start();
        var station = await lan.Join(Ether.Mac(1));
        await Eventually.Within("all calls end", Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(station.Client.StopAsync, Token))));
        Assert.False(station.Client.IsConnected);
        await station.Client.Completion;
        await Eventually.True("the peer is gone", () => lan.Server.PeerCount == 0);
        await Assert.ThrowsAsync<InvalidOperationException>(() => station.Client.StartAsync(Token));

        using var tap = new FakeTap(Ether.Mac(1));
        var unused = new VpnWsClient(Station.Options(lan.Uri, tap));
        await unused.DisposeAsync();
        await unused.DisposeAsync();
        await unused.Completion;
    }

    [Fact]
    public async Task It_stops_under_full_traffic_both_ways()
    {
        await using var lan = await InProcessLan.Start();
        for (var i = 0; i < 3; i++)
        {
            using var one = new FakeTap(Ether.Mac(1)) { Endless = Ether.Frame(Ether.Mac(2), Ether.Mac(1), 300) };
            using var two = new FakeTap(Ether.Mac(2)) { Endless = Ether.Frame(Ether.Mac(1), Ether.Mac(2), 300) };
            var clients = new[] { one, two }.Select(tap => new VpnWsClient(Station.Options(lan.Uri, tap))).ToList();
            foreach (var client in clients) await client.StartAsync(Token);
            await Eventually.True("traffic flows", () => one.Written.Count > 100 && two.Written.Count > 100);
            await Eventually.Within("both stop", Task.WhenAll(clients.Select(client => client.DisposeAsync().AsTask())));
            Assert.All(clients, client => Assert.True(client.Completion.IsCompletedSuccessfully));
            await Eventually.True("the peers are gone", () => lan.Server.PeerCount == 0);
        }
    }

    [Fact]
    public async Task It_stops_though_its_server_reads_nothing()
    {
        using var tap = new FakeTap(Ether.Mac(1)) { Endless = Ether.Frame(Ether.Mac(2), Ether.Mac(1), 1500) };
        await using var server = new FakeServer();
        var client = server.Keep(new VpnWsClient(Station.Options(server.Uri, tap)));
        await client.StartAsync(Token);
        var peer = await server.Welcome();
        var read = 0L;
        await Eventually.True("the connection is full", () =>
        {
            var before = read;
            read = client.Counters.FramesReceived;
            return read > 0 && read == before;
        });
        await Eventually.Within("the client stops", client.StopAsync());
        Assert.True(peer.Socket.Available > 0);
    }

    [Fact]
    public async Task It_stops_while_it_connects()
    {
        await using var server = new FakeServer();
        var station = server.Keep(await Station.Start(server.Uri, Ether.Mac(1)));
        await server.Accept();
        await Eventually.Within("the client stops", station.Client.StopAsync());
        Assert.Equal(0, station.Client.LinksMade);
    }
}
