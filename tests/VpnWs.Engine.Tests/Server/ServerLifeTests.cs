using System.Net;
using VpnWs.Server;
using VpnWs.Taps;
using VpnWs.Tests.Transport;
using VpnWs.Tests.WebSockets;
using VpnWs.Transport;
using VpnWs.WebSockets;

namespace VpnWs.Tests.Server;

/// <summary>How a server starts, and what it leaves behind.</summary>
[Collection(InProcess.Name)]
public sealed class ServerLifeTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vpn-ws-test-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string SocketPath => Path.Combine(_folder.FullName, "s");

    private VpnWsServerOptions Options => new()
    {
        HttpAddresses = [ListenAddress.Parse("127.0.0.1:0")],
        UwsgiAddresses = [ListenAddress.Parse(SocketPath)],
        Offload = OffloadSwitch.IsOn,
    };

    [Fact]
    public async Task The_hook_comes_after_binding_and_the_tap_and_before_any_peer()
    {
        using var tap = new FakeTap(Ether.Mac(1));
        var early = new List<RawPeer>();
        VpnWsServer? server = null;
        ITap? shown = null;
        var options = Options with
        {
            ExistingTap = tap,
            Ready = async (ready, _) =>
            {
                shown = ready;
                foreach (var where in server!.HttpEndPoints.Concat(server.UwsgiEndPoints))
                {
                    early.Add(await RawPeer.Connect(where));
                    await early[^1].Send(where is IPEndPoint ? RawPeer.HttpHead() : RawPeer.UwsgiHead());
                }

                await Eventually.Holds("nobody is served yet", TimeSpan.FromMilliseconds(100), () => server.PeerCount == 0 && early[0].Socket.Available == 0);
            },
        };
        server = new VpnWsServer(options);
        await using (server)
        {
            await server.StartAsync(Token);
            Assert.Same(tap, shown);
            Assert.Equal(2, early.Count);
            foreach (var peer in early) await peer.ExpectUpgrade();
            early.ForEach(peer => peer.Dispose());
        }

        Assert.False(tap.IsDisposed);
    }

    [Theory]
    [InlineData("throws")]
    [InlineData("cancelled")]
    [InlineData("stopped meanwhile")]
    [InlineData("tap gone")]
    public async Task A_start_that_fails_undoes_everything(string how)
    {
        using var cancellation = new CancellationTokenSource();
        using var tap = new FakeTap(Ether.Mac(1));
        var port = 0;
        VpnWsServer? server = null;
        server = new VpnWsServer(Options with
        {
            ExistingTap = tap,
            Ready = async (_, _) =>
            {
                port = ((IPEndPoint)server!.HttpEndPoints[0]).Port;
                Assert.True(Path.Exists(SocketPath));
                if (how == "throws") throw new InvalidDataException("the hook failed");
                if (how == "cancelled") await cancellation.CancelAsync();
                if (how == "tap gone") tap.Go();
                if (how == "stopped meanwhile") await server.StopAsync();
            },
        });

        var error = await Record.ExceptionAsync(() => server.StartAsync(cancellation.Token));

        Assert.IsType(how switch
        {
            "throws" => typeof(InvalidDataException),
            "cancelled" => typeof(OperationCanceledException),
            "tap gone" => typeof(TapException),
            _ => typeof(ObjectDisposedException),
        }, error);
        Assert.False(Path.Exists(SocketPath));
        Listener.Open(ListenAddress.Parse($"127.0.0.1:{port}"), default).Dispose();
        await Assert.ThrowsAsync<InvalidOperationException>(() => server.StartAsync(Token));
        await server.DisposeAsync();
    }

    [Fact]
    public async Task A_second_address_that_is_in_use_frees_the_first()
    {
        using var taken = Listener.Open(ListenAddress.Parse("127.0.0.1:0"), default);
        await using var server = new VpnWsServer(Options with { HttpAddresses = [ListenAddress.Parse($"127.0.0.1:{((IPEndPoint)taken.LocalEndPoint).Port}")] });
        var error = await Assert.ThrowsAsync<VpnWsException>(() => server.StartAsync(Token));
        Assert.Equal(VpnWsFailure.AddressInUse, error.Failure);
        Assert.False(Path.Exists(SocketPath));
    }

    [Fact]
    public async Task Stopping_closes_every_peer_with_1001_removes_the_socket_and_frees_the_port()
    {
        var lan = await InProcessLan.Start();
        var peers = new[] { await lan.JoinRaw(Ether.Mac(1)), await lan.JoinUser("alice", Ether.Mac(2)) };
        var port = lan.Http.Port;
        var stopping = lan.Server.StopAsync();
        foreach (var peer in peers) await peer.ExpectClose(1001);
        await Eventually.Within("the server stops", stopping);

        Assert.Equal(2, lan.Events.All<PeerLeft>(left => left.Reason == "the server is stopping").Count);
        Assert.False(Path.Exists(lan.SocketPath));
        Listener.Open(ListenAddress.Parse($"127.0.0.1:{port}"), default).Dispose();
        await lan.DisposeAsync();
    }

    [Fact]
    public async Task A_peer_that_does_not_answer_does_not_keep_it_from_stopping()
    {
        await using var lan = await InProcessLan.Start();
        var peer = await lan.JoinRaw(Ether.Mac(1));
        await Eventually.Within("the server stops", lan.Server.StopAsync());
        await lan.Events.WaitFor<PeerLeft>();
        Assert.Equal(1001, (await peer.Read())!.CloseCode);
    }

    [Fact]
    public async Task It_can_be_disposed_twice_at_once_and_before_it_was_started()
    {
        await using var lan = await InProcessLan.Start();
        await lan.Join(Ether.Mac(1));
        var stops = Enumerable.Range(0, 4).Select(_ => Task.Run(lan.Server.StopAsync, Token)).ToList();
        var first = await Task.WhenAny(stops);
        await first;

        // Whoever was told that it is stopped can rely on it.
        Assert.Equal(0, lan.Server.PeerCount);
        Assert.Single(lan.Events.All<PeerLeft>());
        await Eventually.Within("all calls end", Task.WhenAll(stops));
        await lan.Server.DisposeAsync();

        var unused = new VpnWsServer(Options);
        await unused.DisposeAsync();
        await unused.DisposeAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => unused.StartAsync(Token));
    }

    [Fact]
    public async Task It_stops_under_full_traffic()
    {
        await using var lan = await InProcessLan.Start(tap: Ether.Mac(0xfe));
        var peers = new[] { await lan.JoinRaw(Ether.Mac(1)), await lan.JoinRaw(Ether.Mac(2)), await lan.JoinRaw(Ether.Mac(3)) };
        var floods = peers.Select((peer, i) => Task.Run(() => Flood(peer, Wire.Masked(Opcode.Binary, Ether.Frame(Ether.Multicast, Ether.Mac(i + 1), 1000))), Token)).ToList();
        await Eventually.True("traffic flows", () => lan.Info().FramesSent > 1000);
        await Eventually.Within("the server stops", lan.Server.StopAsync());
        await Eventually.Within("the floods end", Task.WhenAll(floods));
        Assert.Equal(0, lan.Server.PeerCount);

        // Nobody reads what the server sends: its buffers are full, too.
        static void Flood(RawPeer peer, byte[] bytes)
        {
            try
            {
                while (true) peer.Socket.Send(bytes);
            }
            catch (System.Net.Sockets.SocketException)
            {
                // The server is gone.
            }
        }
    }

    [Fact]
    public async Task Events_come_in_order_and_a_handler_that_throws_hurts_nobody()
    {
        var log = new EventLog<ServerEvent>();
        var server = new VpnWsServer(Options);
        server.EventRaised += (_, _) => throw new InvalidOperationException("a broken handler");
        server.EventRaised += log.Add;
        await server.StartAsync(Token);
        for (var i = 0; i < 3; i++)
        {
            using var peer = await RawPeer.Connect(server.HttpEndPoints[0]);
            await peer.Send(RawPeer.HttpHead());
            await peer.ExpectUpgrade();
            await log.WaitFor<PeerJoined>(number: i + 1);
            peer.Dispose();
            await log.WaitFor<PeerLeft>(number: i + 1);
        }

        await server.DisposeAsync();
        Assert.Equal(
            [nameof(Listening), nameof(Listening), .. Enumerable.Repeat(new[] { nameof(PeerJoined), nameof(PeerLeft) }, 3).SelectMany(pair => pair)],
            log.All<ServerEvent>().Select(item => item.GetType().Name));
        Assert.All(log.All<ServerEvent>(), item => Assert.NotEmpty(item.ToString()));
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
