using VpnWs.Tests.Framework;

namespace VpnWs.Tests;

/// <summary>Bridges between the LAN and a "physical" one, made of virtual cables.</summary>
public sealed class BridgeTests
{
    private const string OfficeAddress = "10.88.0.200";
    private const string DeskAddress = "10.88.0.201";
    private const long Bytes = 20_000_000;

    [Theory]
    [InlineData(Way.Direct)]
    [InlineData(Way.Nginx)]
    public void Behind_a_server_side_bridge_a_physical_LAN_is_reached(Way way)
    {
        using var lan = Lan.Start(new LanOptions
        {
            Way = way,
            Mtu = 1400,
            ServerTap = true,
            ServerOptions = ["--bridge"],
            PrepareHub = hub => hub.Ip("link add office type bridge"),
            ServerHook = $"ip link set {Lan.TapName} master office up",
        });
        lan.Hub.Ip("link set office up");
        var office = AttachMachine(lan, lan.Hub, "office", OfficeAddress);
        var client = lan.Clients[0];

        Ping.WaitUntilReaches(client.Machine, OfficeAddress);
        Assert.Equal(0, Ping.Send(office, client.Address, count: 20).Lost);
        Assert.Equal(0, Ping.Send(lan.Clients[1].Machine, client.Address).Lost);
        Transfer.Check(client.Machine, office, OfficeAddress, Bytes);
        Transfer.Check(office, client.Machine, client.Address, Bytes);
    }

    [Theory]
    [InlineData(Way.Nginx, null, true)]
    [InlineData(Way.Nginx, "deny", false)]
    [InlineData(Way.Direct, null, false)]
    [InlineData(Way.Direct, "allow", true)]
    public void Behind_a_client_side_bridge_machines_are_reached_where_peers_may_be_bridges(Way way, string? peerBridge, bool granted)
    {
        using var lan = Lan.Start(new LanOptions { Way = way, Clients = 1, Mtu = 1400, ServerOptions = peerBridge is null ? [] : ["--peer-bridge", peerBridge] });
        var bridge = lan.Join(new LanClientOptions
        {
            Options = ["--bridge"],
            Prepare = machine => machine.Ip("link add branch type bridge"),
            Hook = $"ip link set branch up && ip link set {Lan.TapName} master branch up && ip addr add 10.88.0.12/24 dev branch",
        });
        lan.WaitUntilJoined();
        var desk = AttachMachine(lan, bridge.Machine, "branch", DeskAddress);
        var client = lan.Clients[0].Machine;

        Assert.Equal(granted, lan.Control.PeerWith(bridge.MacAddress).IsBridge);
        if (!granted)
        {
            bridge.Process.WaitForOutput("bridge");
            Assert.NotEqual(0, Ping.Send(client, DeskAddress, count: 3).Lost);
            return;
        }

        Ping.WaitUntilReaches(client, DeskAddress);
        Assert.Equal(0, Ping.Send(desk, lan.Clients[0].Address, count: 20).Lost);
        Transfer.Check(client, desk, DeskAddress, Bytes);
        Transfer.Check(desk, client, lan.Clients[0].Address, Bytes);
    }

    /// <summary>Makes a machine with one cable, to a bridge in another machine.</summary>
    private static NetworkNamespace AttachMachine(Lan lan, NetworkNamespace to, string bridge, string address)
    {
        var machine = lan.AddMachine("attached");
        machine.Connect("eth0", to, "attached");
        to.Ip($"link set attached master {bridge}");
        machine.Ip("link set eth0 mtu 1400");
        machine.Ip($"addr add {address}/24 dev eth0");
        return machine;
    }
}
