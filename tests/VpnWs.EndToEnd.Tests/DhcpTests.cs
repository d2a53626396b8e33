using VpnWs.Tests.Framework;

namespace VpnWs.Tests;

/// <summary>DHCP lives on broadcasts, on raw sockets and on their checksums: a good witness for a whole Ethernet.</summary>
public sealed class DhcpTests
{
    private const string FirstLease = "10.88.0.100";

    [Fact]
    public void A_client_gets_its_address_from_a_DHCP_server_on_another_client()
    {
        using var lan = Lan.Start();
        using var server = StartServer(lan, lan.Clients[0].Machine);
        TakeLease(lan, lan.Clients[1].Machine);
        Assert.Equal(0, Ping.Send(lan.Clients[0].Machine, FirstLease).Lost);
    }

    [Fact]
    public void A_client_gets_its_address_from_a_DHCP_server_on_the_servers_tap()
    {
        using var lan = Lan.Start(new LanOptions { Clients = 1, ServerTap = true });
        using var server = StartServer(lan, lan.Hub);
        TakeLease(lan, lan.Clients[0].Machine);
        Assert.Equal(0, Ping.Send(lan.Hub, FirstLease).Lost);
    }

    private static ProcessUnderTest StartServer(Lan lan, NetworkNamespace machine)
    {
        Requires.Tool("dnsmasq");
        var server = machine.Start(
            "dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--port=0", $"--interface={Lan.TapName}", "--bind-interfaces", "--user=root",
            $"--dhcp-range={FirstLease},{FirstLease},255.255.255.0,1h", "--dhcp-authoritative", "--no-ping",
            $"--dhcp-leasefile={lan.Scratch.PathOf("leases")}", "--pid-file=");
        server.WaitForOutput("DHCP, sockets bound");
        return server;
    }

    private static void TakeLease(Lan lan, NetworkNamespace machine)
    {
        Requires.Tool("udhcpc");
        var script = lan.Scratch.Write("lease.sh", """
            #!/bin/sh
            [ "$1" != bound ] || ip addr add "$ip/24" dev "$interface"
            """);
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        machine.Run("udhcpc", "-i", Lan.TapName, "-f", "-q", "-n", "-t", "5", "-T", "1", "-s", script);
        Assert.Contains($"{FirstLease}/24", machine.Ip($"addr show dev {Lan.TapName}"), StringComparison.Ordinal);
    }
}
