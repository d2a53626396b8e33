using VpnWs.Client;
using VpnWs.Server;
using VpnWs.Switching;
using VpnWs.Tests.Transport;
using VpnWs.Transport;

namespace VpnWs.Tests.Client;

/// <summary>A client that comes back by itself.</summary>
[Collection(InProcess.Name)]
public sealed class ReconnectTests
{
    private static readonly TimeSpan ShortDelay = TimeSpan.FromMilliseconds(300);

    [Fact]
    public async Task It_is_back_after_its_server_was_stopped_and_started_again_and_its_tap_stayed()
    {
        var first = await InProcessLan.Start(tap: Ether.Mac(0xfe));
        var port = first.Http.Port;
        await using var station = await Station.Start(first.Uri, Ether.Mac(1), options => options with { MaxReconnectDelay = ShortDelay });
        await first.Events.WaitFor<PeerJoined>();
        await first.DisposeAsync();
        Assert.Contains("1001", (await station.Events.WaitFor<Disconnected>()).Reason, StringComparison.Ordinal);
        var failed = await station.Events.WaitFor<ConnectFailed>();
        Assert.Equal(VpnWsFailure.Unreachable, failed.Failure);
        Assert.InRange(failed.RetryIn!.Value, TimeSpan.Zero, ShortDelay);
        Assert.False(station.Client.IsConnected);

        await using var second = await InProcessLan.Start(options => options with { HttpAddresses = [ListenAddress.Parse($"127.0.0.1:{port}")] }, Ether.Mac(0xfe));
        await second.Events.WaitFor<PeerJoined>();
        await station.Events.WaitFor<Connected>(number: 2);
        station.Send(Ether.Mac(0xfe), 1500);
        await second.Tap.Expect(Ether.Frame(Ether.Mac(0xfe), station.Mac, 1500));
        Assert.Equal(2, station.Client.LinksMade);
    }

    [Fact]
    public async Task After_a_link_that_held_it_comes_back_at_once_and_then_ever_later()
    {
        // What a link must hold to count as one.
        var stable = TimeSpan.FromSeconds(5);
        await using var server = new FakeServer();
        var station = server.Keep(await Station.Start(server.Uri, Ether.Mac(1)));
        await Refuse(server);
        var failed = await station.Events.WaitFor<ConnectFailed>();
        Assert.InRange(failed.RetryIn!.Value.TotalSeconds, 0.375, 0.625);
        var peer = await server.Welcome();
        await station.Events.WaitFor<Connected>();
        await Eventually.Holds("the link holds", stable, () => station.Client.IsConnected);
        await peer.Send([0x88, 0]);
        await station.Events.WaitFor<Disconnected>();

        // The second pause of the row comes next: the first, which is none, was taken for the lost link.
        await Refuse(server);
        await Refuse(server);
        Assert.InRange((await station.Events.WaitFor<ConnectFailed>(number: 2)).RetryIn!.Value.TotalSeconds, 0.375, 0.625);
        Assert.InRange((await station.Events.WaitFor<ConnectFailed>(number: 3)).RetryIn!.Value.TotalSeconds, 0.75, 1.25);
    }

    [Fact]
    public async Task What_the_tap_brings_while_there_is_no_link_is_not_sent_later()
    {
        await using var server = new FakeServer();
        var station = server.Keep(await Station.Start(server.Uri, Ether.Mac(1), options => options with { Offload = false }));
        var peer = await server.Accept();
        station.Send(Ether.Mac(9), seed: 1);
        await Eventually.True("the frame is thrown away", () => station.Client.Counters.Drops(DropReason.PortClosed) == 1);
        await peer.Send(FakeServer.Welcome(peer));
        await station.Events.WaitFor<Connected>();
        station.Send(Ether.Mac(9), seed: 2);
        await peer.Expect(Ether.Frame(Ether.Mac(9), station.Mac, seed: 2));
    }

    [Fact]
    public async Task A_failed_authentication_is_told_and_tried_again()
    {
        await using var server = new FakeServer();
        var station = server.Keep(await Station.Start(server.Uri, Ether.Mac(1), options => options with { MaxReconnectDelay = ShortDelay }));
        for (var i = 1; i <= 3; i++)
        {
            await Refuse(server);
            var failed = await station.Events.WaitFor<ConnectFailed>(number: i);
            Assert.Equal((VpnWsFailure.Authentication, (int?)401), (failed.Failure, failed.StatusCode));
        }

        await server.Welcome();
        await station.Events.WaitFor<Connected>();
        await Eventually.Within("the client stops", station.Client.StopAsync());
    }

    private static async Task Refuse(FakeServer server)
    {
        var peer = await server.Accept();
        await peer.Send(FakeServer.Answer("401 Unauthorized"));
    }
}
