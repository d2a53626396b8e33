using VpnWs.Tests.Framework;

namespace VpnWs.Tests;

/// <summary>A machine that hangs while another floods it: its own loss, and nobody else's.</summary>
public sealed class StalledPeerTests
{
    private const long GrowthLimitKiB = 64 * 1024;

    [Theory]
    [InlineData(Way.Direct)]
    [InlineData(Way.Nginx)]
    public void A_client_that_hangs_under_a_flood_costs_the_others_nothing(Way way)
    {
        using var lan = Lan.Start(new LanOptions { Way = way, Clients = 4, Mtu = 1400 });
        var (flooder, victim, one, other) = (lan.Clients[0], lan.Clients[1], lan.Clients[2], lan.Clients[3]);
        Ping.WaitUntilReaches(flooder.Machine, victim.Address);
        Ping.WaitUntilReaches(one.Machine, other.Address);
        // The hanging machine answers no more, so its address must be known for the flood to go on.
        flooder.Machine.Ip($"neigh replace {victim.Address} lladdr {victim.MacAddress} dev {Lan.TapName}");
        victim.Process.Signal(UnixSignal.Stop);
        var before = lan.Server.Vitals.ResidentKiB;

        using (var flood = new UdpFlood(flooder.Machine, victim.Address))
        {
            using var pinging = Ping.Start(one.Machine, other.Address, count: 100, interval: 0.03);
            Transfer.Check(one.Machine, other.Machine, other.Address, 20_000_000);
            pinging.WaitForExit();
            Assert.Equal(0, Ping.Parse(pinging.Output).Lost);
            Assert.True(flood.Sent > 10_000, $"The flood was a trickle of {flood.Sent} packets.");
        }

        Assert.InRange(lan.Server.Vitals.PeakResidentKiB - before, long.MinValue, GrowthLimitKiB);
        // What is under way settles first; then nobody has anything to do.
        Eventually.True("the server rests", () => lan.Server.Vitals.Load(TimeSpan.FromSeconds(1)) < 0.1);

        victim.Process.Signal(UnixSignal.Continue);
        Ping.WaitUntilReaches(one.Machine, victim.Address, TimeSpan.FromSeconds(30));
    }
}
