using VpnWs.Tests.Framework;

namespace VpnWs.Tests;

/// <summary>What can happen to a tap in its life.</summary>
public sealed class TapTests
{
    [Fact]
    public void A_client_whose_tap_is_down_for_a_while_lives_on()
    {
        using var lan = Lan.Start();
        var (one, other) = (lan.Clients[0], lan.Clients[1]);
        Ping.WaitUntilReaches(one.Machine, other.Address);
        other.Machine.Ip($"link set {Lan.TapName} down");
        Assert.False(Ping.Reaches(one.Machine, other.Address));
        Assert.False(Ping.Reaches(one.Machine, "10.88.0.99"));
        other.Machine.Ip($"link set {Lan.TapName} up");
        Ping.WaitUntilReaches(one.Machine, other.Address);
        Assert.False(other.Process.HasExited);
    }

    [Fact]
    public void A_client_whose_tap_is_deleted_says_so_and_gets_it_back()
    {
        using var lan = Lan.Start();
        var (one, other) = (lan.Clients[0], lan.Clients[1]);
        Ping.WaitUntilReaches(one.Machine, other.Address);
        other.Machine.Ip($"link delete {Lan.TapName}");
        other.Process.WaitForOutput($"lost the tap {Lan.TapName}");
        Eventually.True("the tap is back", () => other.Machine.HasLink(Lan.TapName));
        other.Machine.Run("sh", "-c", LanClient.SetUp(Lan.TapName, 12, 1500));
        Ping.WaitUntilReaches(one.Machine, other.Address, TimeSpan.FromSeconds(30));
    }
}
