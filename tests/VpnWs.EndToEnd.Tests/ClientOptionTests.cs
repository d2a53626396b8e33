using VpnWs.Tests.Framework;

namespace VpnWs.Tests;

/// <summary>What the client can do beyond its C ancestor.</summary>
public sealed class ClientOptionTests
{
    private const int Unreachable = 5;
    private const int NoWebSocket = 6;
    private const int LinkEnded = 7;

    [Fact]
    public void Addresses_and_MTU_are_set_by_the_client_itself()
    {
        using var lan = Lan.Start(new LanOptions { Clients = 1 });
        var machine = lan.AddMachine("self", 50);
        using var client = Join(lan, machine, "--address", "10.88.0.50/24", "--address", "fd88::50/64", "--mtu", "1300");
        Ping.WaitUntilReaches(lan.Clients[0].Machine, "10.88.0.50");
        Ping.WaitUntilReaches(lan.Clients[0].Machine, "fd88::50");
        Assert.Contains("mtu 1300", machine.Ip($"link show {Lan.TapName}"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_pattern_takes_the_first_free_name()
    {
        using var lan = Lan.Start(new LanOptions { Clients = 0 });
        var machine = lan.AddMachine("pattern", 50);
        machine.Ip("tuntap add lan0 mode tap");
        using var client = machine.Start(ProgramPair.Ours.Client, "lan%d", lan.Url);
        lan.Control.WaitForPeers(1);
        Assert.True(machine.HasLink("lan1"));
    }

    [Fact]
    public void A_header_is_sent_with_the_handshake()
    {
        using var lan = Lan.Start(new LanOptions { Clients = 0 });
        using var server = new FakeServer(lan.Hub, Lan.HubAddress, 8081);
        var machine = lan.AddMachine("header", 50);
        using var client = machine.Start(
            ProgramPair.Ours.Client, "--header", "X-Token: open sesame", Lan.TapName, $"ws://user:p%40ss@{Lan.HubAddress}:8081/some/path?and=query");
        using var peer = server.Accept();
        Assert.StartsWith("GET /some/path?and=query HTTP/1.1\r\n", peer.Head, StringComparison.Ordinal);
        Assert.Equal("open sesame", FakeServer.Field(peer.Head, "X-Token"));
        Assert.Equal($"{Lan.HubAddress}:8081", FakeServer.Field(peer.Head, "Host"));
        Assert.Equal("Basic " + Convert.ToBase64String("user:p@ss"u8), FakeServer.Field(peer.Head, "Authorization"));
        Assert.Equal(machine.LinkAddress(Lan.TapName), FakeServer.Field(peer.Head, "X-vpn-ws-MAC"), ignoreCase: true);
    }

    [Fact]
    public void The_usual_environment_variable_names_a_proxy()
    {
        using var lan = Lan.Start(new LanOptions { Clients = 0 });
        using var proxy = new ConnectProxy(lan.Hub, Lan.HubAddress, 3128);
        var machine = lan.AddMachine("proxied", 50);
        using var client = machine.Start("env", $"http_proxy=http://{Lan.HubAddress}:3128", ProgramPair.Ours.Client, Lan.TapName, lan.Url);
        lan.Control.WaitForPeers(1);
        Assert.Equal($"{Lan.HubAddress}:{Lan.HttpPort}", Assert.Single(proxy.Targets));
    }

    [Fact]
    public void With_once_the_exit_code_tells_that_nobody_answers()
    {
        using var lan = Lan.Start(new LanOptions { Clients = 0 });
        using var client = lan.AddMachine("once", 50).Start(ProgramPair.Ours.Client, "--once", Lan.TapName, $"ws://{Lan.HubAddress}:9/");
        Assert.Equal(Unreachable, client.WaitForExit());
    }

    [Fact]
    public void With_once_the_exit_code_tells_that_the_answer_is_no_WebSocket()
    {
        using var lan = Lan.Start(new LanOptions { Way = Way.Nginx, Clients = 0 });
        using var client = lan.AddMachine("once", 50).Start(ProgramPair.Ours.Client, "--once", Lan.TapName, $"ws://{Lan.HubAddress}/elsewhere");
        Assert.Equal(NoWebSocket, client.WaitForExit());
        Assert.Contains("404", client.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Kill", "disconnected")]
    [InlineData("Terminate", "1001")]
    public void With_once_the_exit_code_tells_that_the_link_ended(string signal, string says)
    {
        using var lan = Lan.Start(new LanOptions { Clients = 0 });
        using var client = Join(lan, lan.AddMachine("once", 50), "--once");
        lan.Control.WaitForPeers(1);
        lan.Server.Signal(Enum.Parse<UnixSignal>(signal));
        Assert.Equal(LinkEnded, client.WaitForExit());
        Assert.Contains(says, client.Output, StringComparison.Ordinal);
    }

    private static ProcessUnderTest Join(Lan lan, NetworkNamespace machine, params string[] options) =>
        machine.Start([ProgramPair.Ours.Client, .. options, Lan.TapName, lan.Url]);
}
