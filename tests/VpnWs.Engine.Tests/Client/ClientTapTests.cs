using VpnWs.Client;
using VpnWs.Server;
using VpnWs.Switching;
using VpnWs.Taps;
using VpnWs.Tests.Transport;
using VpnWs.WebSockets;

namespace VpnWs.Tests.Client;

/// <summary>What may happen to a client's tap.</summary>
[Collection(InProcess.Name)]
public sealed class ClientTapTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Another_address_of_the_tap_makes_it_connect_again_and_declare_that()
    {
        using var tap = new FakeTap(Ether.Mac(1));
        await using var lan = await InProcessLan.Start(tap: Ether.Mac(0xfe));
        await using var client = new VpnWsClient(Station.Options(lan.Uri, tap));
        await client.StartAsync(Token);
        Assert.Equal(Ether.Mac(1), (await lan.Events.WaitFor<PeerJoined>()).Peer.Mac);
        tap.Address = Ether.Mac(2);
        Assert.Equal(Ether.Mac(2), (await lan.Events.WaitFor<PeerJoined>(number: 2)).Peer.Mac);
        lan.Tap.Send(Ether.Frame(Ether.Mac(2), Ether.Mac(0xfe)));
        await Eventually.True("the frame arrives", () => tap.Written.TryPeek(out var frame) && frame.AsSpan().SequenceEqual(Ether.Frame(Ether.Mac(2), Ether.Mac(0xfe))));
    }

    [Fact]
    public async Task A_tap_that_goes_is_reported_and_the_client_can_still_be_stopped()
    {
        using var tap = new FakeTap(Ether.Mac(1));
        await using var lan = await InProcessLan.Start(tap: Ether.Mac(0xfe));
        var events = new EventLog<ClientEvent>();
        await using var client = new VpnWsClient(Station.Options(lan.Uri, tap));
        client.EventRaised += events.Add;
        await client.StartAsync(Token);
        await lan.Events.WaitFor<PeerJoined>();
        await events.WaitFor<Connected>();
        tap.Go();
        var lost = await events.WaitFor<ClientTapLost>();
        Assert.Equal((tap.Name, false), (lost.Name, lost.IsReopened));
        Assert.Contains("has to make another one", lost.ToString(), StringComparison.Ordinal);

        // What still comes for it is dropped and counted.
        lan.Tap.Send(Ether.Frame(Ether.Mac(1), Ether.Mac(0xfe)));
        await Eventually.True("the frame is dropped", () => client.Counters.Drops(DropReason.TapDown) == 1);
        await Eventually.Within("the client stops", client.StopAsync());
        Assert.Single(events.All<ClientTapLost>());
    }

    [Fact]
    public async Task A_tap_that_is_never_empty_keeps_it_from_nothing()
    {
        using var tap = new FakeTap(Ether.Mac(1)) { Endless = Ether.Frame(Ether.Mac(9), Ether.Mac(1), 1500) };
        await using var server = new FakeServer();
        var client = server.Keep(new VpnWsClient(Station.Options(server.Uri, tap) with { MaxReconnectDelay = TimeSpan.FromMilliseconds(50) }));
        await client.StartAsync(Token);
        for (var i = 0; i < 3; i++)
        {
            var peer = await server.Welcome();
            await peer.Next(Opcode.Binary);
            await peer.Send([0x8a, 0]);
            peer.Dispose();
        }

        await Eventually.Within("the client stops", client.StopAsync());
        Assert.True(client.LinksMade >= 3);
    }

    [Fact]
    public async Task The_hook_sees_the_tap_before_the_first_attempt()
    {
        using var tap = new FakeTap(Ether.Mac(1));
        await using var server = new FakeServer();
        var events = new EventLog<ClientEvent>();
        var wasQuiet = false;
        var client = server.Keep(new VpnWsClient(Station.Options(server.Uri, tap) with
        {
            TapReady = async (ready, _) =>
            {
                Assert.Same(tap, ready);
                await Eventually.Holds("nothing is tried yet", TimeSpan.FromMilliseconds(100), () => events.All<ClientEvent>().Count == 0);
                wasQuiet = true;
            },
        }));
        client.EventRaised += events.Add;
        await client.StartAsync(Token);
        Assert.True(wasQuiet);
        await server.Accept();
    }

    [Theory]
    [InlineData("throws")]
    [InlineData("cancelled")]
    [InlineData("stopped meanwhile")]
    public async Task A_hook_that_fails_ends_the_client(string how)
    {
        using var cancellation = new CancellationTokenSource();
        using var tap = new FakeTap(Ether.Mac(1));
        VpnWsClient? client = null;
        client = new VpnWsClient(Station.Options(new Uri("ws://127.0.0.1:1/"), tap) with
        {
            TapReady = async (_, _) =>
            {
                if (how == "throws") throw new InvalidDataException("the hook failed");
                if (how == "cancelled") await cancellation.CancelAsync();
                if (how == "stopped meanwhile") await client!.StopAsync();
            },
        });
        var error = await Record.ExceptionAsync(() => client.StartAsync(cancellation.Token));
        Assert.IsType(how switch
        {
            "throws" => typeof(InvalidDataException),
            "cancelled" => typeof(OperationCanceledException),
            _ => typeof(ObjectDisposedException),
        }, error);
        await Eventually.Within("it has ended", client.Completion);
        Assert.Equal(0, client.LinksMade);
        Assert.False(tap.IsDisposed);
        await client.DisposeAsync();
    }

    [Fact]
    public async Task A_tap_that_cannot_be_made_ends_the_start()
    {
        await using var client = new VpnWsClient(new VpnWsClientOptions
        {
            Uri = new Uri("ws://127.0.0.1:1/"),
            Tap = new TapOptions { Name = "much-too-long-a-name-for-an-interface" },
        });
        await Assert.ThrowsAsync<TapException>(() => client.StartAsync(Token));
        await Eventually.Within("it has ended", client.Completion);
    }
}
