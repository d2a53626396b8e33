using VpnWs.Client;
using VpnWs.Tests.Transport;
using VpnWs.Tests.WebSockets;
using VpnWs.WebSockets;

namespace VpnWs.Tests.Client;

/// <summary>How a client finds out whether its server is still there.</summary>
[Collection(InProcess.Name)]
public sealed class LivenessTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_that_answered_pings_and_does_not_any_more_is_dead_also_while_frames_are_sent(bool sending)
    {
        await using var server = new FakeServer();
        var station = server.Keep(await Start(server));
        var peer = await server.Welcome();
        for (var i = 0; i < 3; i++) await peer.Send(Wire.Frame(Opcode.Pong, (await peer.Next(Opcode.Ping)).Payload));
        var since = Environment.TickCount64;
        while (station.Events.All<Disconnected>().Count == 0)
        {
            Assert.InRange(Environment.TickCount64 - since, 0, 10_000);
            if (sending) station.Send(Ether.Mac(9));
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        Assert.InRange(Environment.TickCount64 - since, 900, 10_000);
        Assert.Contains("nothing heard", station.Events.All<Disconnected>()[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_never_answers_pings_is_not_taken_for_dead_and_is_pinged_when_idle()
    {
        await using var server = new FakeServer();
        var station = server.Keep(await Start(server));
        var peer = await server.Welcome();

        // The first comes at once, to find out whether the server answers; the others show it, and what lies between, that we live.
        for (var i = 0; i < 4; i++)
        {
            var ping = await peer.Next(Opcode.Ping);
            Assert.True(ping.IsMasked);
            Assert.Empty(ping.Payload);
        }

        await Eventually.Holds("the link stays", TimeSpan.FromSeconds(0.8), () => station.Client.IsConnected);
        Assert.Equal(1, station.Client.LinksMade);
    }

    [Fact]
    public async Task Whatever_the_server_sends_is_a_sign_of_life()
    {
        await using var server = new FakeServer();
        var station = server.Keep(await Start(server));
        var peer = await server.Welcome();
        await peer.Send(Wire.Frame(Opcode.Pong, (await peer.Next(Opcode.Ping)).Payload));
        for (var end = Environment.TickCount64 + 2000; Environment.TickCount64 < end;)
        {
            await peer.Send(Wire.Frame(Opcode.Binary, Ether.Frame(station.Mac, Ether.Mac(9))));
            await Eventually.Holds("the link stays", TimeSpan.FromMilliseconds(100), () => station.Events.All<Disconnected>().Count == 0);
        }
    }

    private static Task<Station> Start(FakeServer server) =>
        Station.Start(server.Uri, Ether.Mac(1), options => options with { PingInterval = Interval, Timeout = Timeout });
}
