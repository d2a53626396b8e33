using VpnWs.Server;
using VpnWs.Tests.Transport;

namespace VpnWs.Tests.Faults;

/// <summary>Links that end in every bad way, in the middle of traffic: the client comes back by itself each time, and nothing is left behind.</summary>
[Collection(InProcess.Name)]
public sealed class LinkFaultTests
{
    private const int Seed = 6;
    private const int Faults = 25;
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(300);

    [Fact]
    public async Task A_client_comes_back_after_every_kind_of_fault_and_the_server_keeps_nothing_of_it()
    {
        await using var lan = await InProcessLan.Start(options => options with { PingInterval = Short, PingTimeout = Short });
        using var proxy = new FaultyProxy(lan.Http, Seed);
        await using var station = await Station.Start(proxy.Uri, Ether.Mac(1), options => options with
        {
            PingInterval = TimeSpan.FromMilliseconds(100),
            Timeout = Short,
            MaxReconnectDelay = TimeSpan.FromMilliseconds(20),
        });
        var other = await lan.Join(Ether.Mac(2));
        var deadline = Environment.TickCount64 + 60_000;
        while (proxy.Done.Count < Faults)
        {
            Assert.True(Environment.TickCount64 < deadline, $"Only {proxy.Done.Count} faults; {station.Events}");
            station.Send(Ether.Mac(2), 1400);
            other.Send(Ether.Mac(1), 1400);
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        Assert.Equal(5, proxy.Done.Distinct().Count());
        proxy.IsKind = true;
        await Eventually.True("frames pass again", () =>
        {
            other.Send(Ether.Mac(1), 77);
            return lan.Server.PeerCount == 2 && station.Client.IsConnected && Took(station, 77);
        });
        Assert.Equal(lan.Events.All<PeerJoined>().Count, lan.Events.All<PeerLeft>().Count + 2);
        Assert.True(station.Client.LinksMade > Faults / 2);
        await Eventually.True("nothing stays queued", () => lan.Server.GetStatistics().QueuedBytes == 0);
    }

    private static bool Took(Station station, int length)
    {
        while (station.Tap.Waiting > 0)
        {
            if (station.Tap.Receive().GetAwaiter().GetResult().Frame.Length == length) return true;
        }

        return false;
    }
}
