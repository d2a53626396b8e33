using VpnWs.Tests.Framework;

namespace VpnWs.Tests;

/// <summary>The recipes of examples/recipes, run as they are but for the paths and the machine's own addresses.</summary>
public sealed class RecipeTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "examples", "recipes");

    [Fact]
    public void A_small_authority_makes_what_a_server_and_its_clients_need()
    {
        Requires.Root();
        Requires.Tool("openssl");
        using var world = new ReadmeWorld();
        var ca = Path.Combine(Folder, "ca.sh");
        foreach (var words in (string[][])[["init", "My VPN"], ["server", "vpn.example.com", "10.77.0.1", "fd77::1"], ["client", "ada"]])
            ProcessUnderTest.Run(null, ["env", $"CA_DIR={world.Scratch.Folder}", ca, .. words]);
        var server = world.Start(world.Hub, "vpn-ws --http :443 --tls-cert vpn.example.com.crt --tls-key vpn.example.com.key --client-ca ca.crt");
        server.WaitForOutput("info: ready");
        var client = world.AddMachine(2);
        world.Start(client, "vpn-ws-client --ca ca.crt --crt ada.crt --key ada.key vpn0 wss://vpn.example.com/vpn");
        server.WaitForOutput("joined from 10.77.0.2 (CN=ada) over https");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(world.Scratch.PathOf("ada.key")));
        AssertFails(world.Scratch.Folder, "ca.sh: ada.key is there already", "client", "ada");
        AssertFails(world.Scratch.Folder, "is no name for a file", "client", "../ada");
        var empty = Directory.CreateDirectory(world.Scratch.PathOf("empty")).FullName;
        AssertFails(empty, "make them with: ca.sh init NAME", "client", "bob");
        File.WriteAllText(Path.Combine(empty, "ca.crt"), "broken");
        File.WriteAllText(Path.Combine(empty, "ca.key"), "broken");
        AssertFails(empty, "ca.crt", "client", "bob");
        // Nothing is in the way of the next attempt.
        Assert.Equal(2, Directory.GetFiles(empty).Length);

        void AssertFails(string folder, string says, params string[] words)
        {
            using var failing = ProcessUnderTest.Start(null, ["env", $"CA_DIR={folder}", ca, .. words]);
            Assert.Equal(1, failing.WaitForExit());
            Assert.Contains(says, failing.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_server_is_a_gateway_and_a_clients_default_route_leads_there()
    {
        using var world = Start("gateway-server.conf", "gateway.nft");
        Requires.Tool("nft");
        // The world beyond the gateway knows no way back to the LAN.
        var outside = world.AddMachine("outside", "10.99.0.9/24", "10.99.0.1/24");
        var client = world.AddMachine(2);
        client.Ip($"route add default via {ReadmeWorld.HubAddress}");
        world.Start(client, $"vpn-ws-client @{Write(world, "default-route-client.conf")}");
        Ping.WaitUntilReaches(client, "10.99.0.9", TimeSpan.FromSeconds(20));
        Assert.Contains("dev vpn0", client.Ip("route get 10.99.0.9"), StringComparison.Ordinal);
        using var seen = outside.Start("timeout", "5", "tcpdump", "-ni", "eth0", "-c", "1", "icmp");
        seen.WaitForOutput("listening");
        Ping.Send(client, "10.99.0.9");
        seen.WaitForOutput("10.99.0.1 > 10.99.0.9");
    }

    [Fact]
    public void A_client_has_its_address_from_the_LANs_DHCP_server()
    {
        Requires.Tool("dnsmasq");
        Requires.Tool("udhcpc");
        using var world = Start("dhcp-server.conf", "dhcp.dnsmasq");
        var client = world.AddMachine(2);
        world.Start(client, $"vpn-ws-client @{Write(world, "dhcp-client.conf")}");
        Eventually.True("an address is there", () => client.Ip("-4 addr show").Contains("inet 10.0.0.1", StringComparison.Ordinal), TimeSpan.FromSeconds(20));
        Ping.WaitUntilReaches(client, "10.0.0.1");
        ProcessUnderTest.Run(world.Hub, "sh", "-c", $"kill $(cat {world.Scratch.PathOf("dhcp.pid")})");
    }

    [Fact]
    public void Two_sites_are_one_network_by_bridges_at_both_ends()
    {
        Requires.Root();
        using var world = new ReadmeWorld();
        // The office hangs on br0 of the server's machine, the branch on the same wire as the client's eth0.
        var office = world.AddBridgedMachine(world.Hub, "10.0.0.20");
        Serve(world, "server-bridge.conf");
        var client = world.AddMachine("branch", "10.66.0.2/24", "10.66.0.1/24");
        client.Ip("route add default via 10.66.0.1");
        client.AddHost("vpn.example.com", ReadmeWorld.HubAddress);
        world.Hub.Ip("link add branch type bridge");
        world.Hub.Ip("link set branch up");
        world.Hub.Ip("addr flush dev branch0");
        world.Hub.Ip("link set branch0 master branch");
        world.Hub.Ip("addr add 10.66.0.1/24 dev branch");
        var desk = world.AddDesk("branch", "10.0.0.30");
        world.Start(client, $"vpn-ws-client @{Write(world, "client-bridge.conf", ("ADDRESS", "10.66.0.2/24"), ("GATEWAY", "10.66.0.1"))}");
        Ping.WaitUntilReaches(desk, "10.0.0.20", TimeSpan.FromSeconds(30));
        Transfer.Check(office, desk, "10.0.0.30", 5_000_000);
    }

    private static ReadmeWorld Start(string conf, string more)
    {
        Requires.Root();
        var world = new ReadmeWorld();
        Write(world, more);
        Serve(world, conf);
        return world;
    }

    /// <summary>The server, and before it nginx.</summary>
    private static void Serve(ReadmeWorld world, string conf)
    {
        world.Start(world.Hub, $"vpn-ws @{Write(world, conf)}").WaitForOutput("info: ready");
        ProxyRecipe.All[0].Start(world);
    }

    private static string Write(ReadmeWorld world, string name, params (string Name, string Value)[] values) => world.Scratch.Write(
        name, values.Aggregate(world.Translate(File.ReadAllText(Path.Combine(Folder, name))), (text, value) => text.Replace(value.Name, value.Value, StringComparison.Ordinal)));
}
