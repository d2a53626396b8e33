using VpnWs.Tests.Framework;

namespace VpnWs.Tests;

/// <summary>How a client finds and keeps its way to the server while the network changes around it.</summary>
public sealed class ClientRouteTests
{
    private const int WrongCertificate = 4;

    [Fact]
    public void The_tunnel_keeps_its_way_when_the_LAN_takes_the_route_to_the_server_over()
    {
        using var lan = Lan.Start(new LanOptions { Clients = 0, ServerTap = true });
        // The tunnel would lead through itself.
        const string takeOver = $"ip route add {Lan.HubAddress}/32 dev {Lan.TapName}";
        var byInterface = lan.Join(new LanClientOptions { Options = ["--interface", "eth0"], Hook = $"{LanClient.SetUp(Lan.TapName, 11, 1500)} && {takeOver}" });
        var byMark = lan.Join(new LanClientOptions
        {
            Options = ["--mark", "0x2a"],
            Hook = $"{LanClient.SetUp(Lan.TapName, 12, 1500)} && {takeOver} && ip route add 10.77.0.0/24 dev eth0 table 77 && ip rule add fwmark 42 table 77",
        });
        lan.WaitUntilJoined();
        Ping.WaitUntilReaches(byInterface.Machine, byMark.Address);

        lan.Server.Signal(UnixSignal.Kill);
        lan.Server.WaitForExit();
        lan.RestartServer();
        lan.WaitUntilJoined(TimeSpan.FromSeconds(30));
        Ping.WaitUntilReaches(byInterface.Machine, byMark.Address);

        using var nowhere = lan.AddMachine("nowhere", 50).Start(ProgramPair.Ours.Client, "--once", "--interface", "none0", Lan.TapName, lan.Url);
        Assert.Equal(5, nowhere.WaitForExit());
        Assert.Contains("cannot go out through the interface none0: there is none of that name", nowhere.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_address_of_the_machine_is_noticed_at_once()
    {
        using var lan = Lan.Start(new LanOptions { Clients = 0 });
        var client = lan.Join(new LanClientOptions { Options = ["--timeout", "120", "--ping-interval", "100"] });
        lan.WaitUntilJoined();
        // Another address of the same interface is no reason to leave, even where it is preferred.
        client.Machine.Ip("addr add 10.77.0.98/24 dev eth0");
        client.Machine.Ip("route replace 10.77.0.0/24 dev eth0 src 10.77.0.98");
        Eventually.Holds("the link stays", TimeSpan.FromSeconds(2.5), () => !client.Process.Output.Contains("disconnected", StringComparison.Ordinal));
        client.Machine.Ip("addr del 10.77.0.98/24 dev eth0");
        client.Machine.Ip("addr del 10.77.0.11/24 dev eth0");
        client.Machine.Ip("addr add 10.77.0.99/24 dev eth0");
        client.Process.WaitForOutput("disconnected: the network has changed", TimeSpan.FromSeconds(5));
        Eventually.True("it is back from the new address", () => lan.Control.Peers.Any(peer => peer.RemoteAddress == "10.77.0.99"), TimeSpan.FromSeconds(5), client.Process.ToString);
    }

    [Fact]
    public void A_default_route_that_moves_to_another_interface_is_noticed_at_once()
    {
        using var lan = Lan.Start(new LanOptions { Clients = 0 });
        var client = lan.Join(new LanClientOptions { Options = ["--timeout", "120", "--ping-interval", "100"] });
        lan.WaitUntilJoined();
        var machine = client.Machine;
        // A second way to the same server, over an interface that has an address and is up all the time.
        machine.Ip("link add link eth0 name eth1 type macvlan mode bridge");
        machine.Ip("addr add 10.77.0.97/32 dev eth1");
        machine.Ip("link set eth1 up");
        Eventually.Holds("the link stays", TimeSpan.FromSeconds(2.5), () => !client.Process.Output.Contains("disconnected", StringComparison.Ordinal));
        machine.Ip("route replace 10.77.0.0/24 dev eth1 src 10.77.0.97");
        client.Process.WaitForOutput("disconnected: the network has changed", TimeSpan.FromSeconds(5));
        Eventually.True("it is back the other way", () => lan.Control.Peers.Any(peer => peer.RemoteAddress == "10.77.0.97"), TimeSpan.FromSeconds(5), client.Process.ToString);
    }

    [Fact]
    public void A_pinned_certificate_is_accepted_and_no_other()
    {
        using var lan = Lan.Start(new LanOptions { Way = Way.DirectTls, Clients = 0 });
        var file = lan.Scratch.PathOf("authority-server.crt");
        var fingerprint = ProcessUnderTest.Run(null, "openssl", "x509", "-noout", "-fingerprint", "-sha256", "-in", file).Trim().Split('=')[1];
        var machine = lan.AddMachine("pinning", 50);
        using (var right = machine.Start(ProgramPair.Ours.Client, "--once", "--fingerprint", new string('0', 64), "--fingerprint", fingerprint, Lan.TapName, lan.Url))
        {
            lan.Control.WaitForPeers(1);
            right.Signal(UnixSignal.Terminate);
            right.WaitForExit();
        }

        using var wrong = machine.Start(ProgramPair.Ours.Client, "--once", "--fingerprint", new string('0', 64), Lan.TapName, lan.Url);
        Assert.Equal(WrongCertificate, wrong.WaitForExit());
        Assert.Contains($"has another fingerprint than was given: {fingerprint.Replace(":", "", StringComparison.Ordinal)}", wrong.Output, StringComparison.Ordinal);
    }
}
