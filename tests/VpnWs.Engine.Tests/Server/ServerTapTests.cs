using VpnWs.Ethernet;
using VpnWs.Server;
using VpnWs.Switching;
using VpnWs.Tests.Transport;

namespace VpnWs.Tests.Server;

/// <summary>What may happen to a server's tap while it serves.</summary>
[Collection(InProcess.Name)]
public sealed class ServerTapTests
{
    [Fact]
    public async Task A_tap_that_goes_is_reported_and_the_peers_go_on()
    {
        using var tap = new FakeTap(Ether.Mac(0xfe));
        await using var lan = await InProcessLan.Start(options => options with { ExistingTap = tap });
        var (a, b) = (await lan.JoinRaw(Ether.Mac(1)), await lan.JoinRaw(Ether.Mac(2)));
        tap.Go();
        var lost = await lan.Events.WaitFor<TapLost>();
        Assert.Equal((tap.Name, false), (lost.Name, lost.IsReopened));
        Assert.Contains("has to make another one", lost.ToString(), StringComparison.Ordinal);
        await a.SendFrame(Ether.Frame(Ether.Mac(0xfe), Ether.Mac(1)));
        await a.SendFrame(Ether.Frame(MacAddress.Broadcast, Ether.Mac(1)));
        await b.Expect(Ether.Frame(MacAddress.Broadcast, Ether.Mac(1)));
        Assert.Equal(2, lan.Drops(DropReason.TapDown));
        Assert.Single(lan.Events.All<TapLost>());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Another_address_of_the_tap_is_noticed_also_when_it_is_never_empty(bool endless)
    {
        var (old, fresh) = (Ether.Mac(0xfe), Ether.Mac(0xfd));
        using var tap = new FakeTap(old);
        await using var lan = await InProcessLan.Start(options => options with { ExistingTap = tap });
        var peer = await lan.JoinRaw(Ether.Mac(1));
        Assert.Equal(old, lan.Info().Mac);

        tap.Address = fresh;
        if (endless) tap.Endless = Ether.Frame(Ether.Mac(9), fresh);
        await Eventually.True("the address is noticed", () => lan.Info().Mac == fresh);
        tap.Endless = null;

        await peer.SendFrame(Ether.Frame(fresh, Ether.Mac(1)));
        await Eventually.True("the frame arrives", () => tap.Written.TryPeek(out var frame) && frame.AsSpan().SequenceEqual(Ether.Frame(fresh, Ether.Mac(1))));
    }

    [Fact]
    public async Task A_server_whose_tap_is_never_empty_stops()
    {
        using var tap = new FakeTap(Ether.Mac(0xfe)) { Endless = Ether.Frame(Ether.Mac(9), Ether.Mac(0xfe)) };
        await using var lan = await InProcessLan.Start(options => options with { ExistingTap = tap });
        await Eventually.True("it is read", () => lan.Info().FramesReceived > 0);
        await Eventually.Within("the server stops", lan.Server.StopAsync());
    }
}
