using VpnWs.Tests.Framework;

namespace VpnWs.Tests;

/// <summary>Broadcasts and multicasts, let through and not.</summary>
public sealed class FloodingTests
{
    private const byte Flooded = 1;
    private const byte Last = 2;

    [Theory]
    [InlineData(EthernetFrames.Broadcast, null, true)]
    [InlineData(EthernetFrames.Broadcast, "--no-broadcast", false)]
    [InlineData(EthernetFrames.Broadcast, "--no-multicast", true)]
    [InlineData("01:00:5e:00:00:fb", null, true)]
    [InlineData("01:00:5e:00:00:fb", "--no-multicast", false)]
    [InlineData("33:33:00:00:00:01", null, true)]
    [InlineData("33:33:00:00:00:01", "--no-multicast", false)]
    [InlineData("33:33:00:00:00:01", "--no-broadcast", true)]
    public void A_frame_to_a_group_reaches_the_others_unless_switched_off(string group, string? option, bool reaches)
    {
        using var lan = Lan.Start(new LanOptions { Clients = 0, ServerOptions = option is null ? [] : [option] });
        var (mine, theirs) = (EthernetFrames.Address(1), EthernetFrames.Address(2));
        using var sender = RawWebSocket.Join(lan.SocketPath, mine);
        using var receiver = RawWebSocket.Join(lan.SocketPath, theirs);
        lan.Control.WaitForPeers(2);
        sender.SendBinary(EthernetFrames.Marked(group, mine, Flooded));
        sender.SendBinary(EthernetFrames.Marked(theirs, mine, Last));
        Assert.Equal(reaches, receiver.ReceivesBefore(Flooded, Last));
    }

    [Fact]
    public void Without_broadcasts_machines_that_know_each_other_still_talk()
    {
        using var lan = Lan.Start(new LanOptions { ServerOptions = ["--no-broadcast"] });
        var (one, other) = (lan.Clients[0], lan.Clients[1]);
        // Neighbour discovery of IPv6 goes over multicast, that of IPv4 over broadcast.
        Ping.WaitUntilReaches(one.Machine, other.AddressV6);
        Assert.False(Ping.Reaches(one.Machine, other.Address));
        one.Machine.Ip($"neigh replace {other.Address} lladdr {other.MacAddress} dev {Lan.TapName}");
        other.Machine.Ip($"neigh replace {one.Address} lladdr {one.MacAddress} dev {Lan.TapName}");
        Assert.Equal(0, Ping.Send(one.Machine, other.Address).Lost);
    }

    [Fact]
    public void Without_multicasts_IPv4_works_and_IPv6_does_not()
    {
        using var lan = Lan.Start(new LanOptions { ServerOptions = ["--no-multicast"] });
        var (one, other) = (lan.Clients[0], lan.Clients[1]);
        Ping.WaitUntilReaches(one.Machine, other.Address);
        Assert.False(Ping.Reaches(one.Machine, other.AddressV6));
    }
}
