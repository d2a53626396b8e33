using VpnWs.Http;
using VpnWs.Server;
using VpnWs.Switching;
using VpnWs.Switching.Guards;
using VpnWs.Tests.Transport;
using VpnWs.Transport;
using VpnWs.WebSockets;

namespace VpnWs.Tests.Server;

public sealed class LimitReporterTests
{
    [Theory]
    [InlineData(2, false, 2)]
    [InlineData(0, false, 1)]
    [InlineData(0, true, 1024)]
    [InlineData(5, true, 5)]
    public void Who_has_too_many_addresses_is_told_of_with_the_number_that_holds_for_it(int maxMacs, bool isBridge, int number)
    {
        var events = new List<ServerEvent>();
        var fabric = new VirtualSwitch(new SwitchOptions(), new SwitchReporter(events.Add));
        var reporter = new LimitReporter(new VpnWsServerOptions(), new OutboxBudget(1 << 20), fabric.MostAddressesOf, events.Add);
        var peer = new PeerPort(7, new FakeChannel(), new HandshakeRequest(), new HandshakeVerdict.Accepted { Accept = "", Protocol = null, Mac = null, GrantBridge = isBridge }, "http", "", 1000);
        fabric.Add(peer, null, 0);
        if (maxMacs > 0) fabric.Configure(peer, new PortSettings(new PortLimits { MaxMacs = maxMacs }, isBridge), 0);
        peer.Counters.CountDrop(DropReason.TableFull);
        reporter.Tick(0, [peer]);
        var told = Assert.IsType<LimitReached>(Assert.Single(events));
        Assert.Equal((7L, $"it uses more addresses than the {number} that it may have, or all have more than 65536"), (told.PeerId!.Value, told.Limit));
    }
}
