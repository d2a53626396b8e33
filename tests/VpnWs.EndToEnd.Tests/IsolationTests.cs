using VpnWs.Tests.Framework;

namespace VpnWs.Tests;

public sealed class IsolationTests
{
    [Fact]
    public void Isolated_peers_reach_the_servers_tap_and_not_each_other()
    {
        using var lan = Lan.Start(new LanOptions { ServerTap = true, ServerOptions = ["--isolate"] });
        var (one, other) = (lan.Clients[0], lan.Clients[1]);
        Ping.WaitUntilReaches(one.Machine, Lan.ServerTapAddress);
        Ping.WaitUntilReaches(other.Machine, Lan.ServerTapAddress);
        // With the addresses known, it is not only the broadcasts that are kept apart.
        one.Machine.Ip($"neigh replace {other.Address} lladdr {other.MacAddress} dev {Lan.TapName}");
        other.Machine.Ip($"neigh replace {one.Address} lladdr {one.MacAddress} dev {Lan.TapName}");
        var ping = Ping.Send(one.Machine, other.Address, count: 5);
        Assert.Equal(ping.Sent, ping.Lost);
        Assert.Equal(0, Ping.Send(lan.Hub, one.Address).Lost);
    }
}
