using VpnWs.Tests.Framework;

namespace VpnWs.Tests;

/// <summary>The programs' <c>--exec</c>: when it runs, and what comes of its failure.</summary>
public sealed class HookTests
{
    private static readonly TimeSpan AWhile = TimeSpan.FromMilliseconds(300);

    [Fact]
    public void The_servers_hook_runs_as_root_once_socket_and_tap_are_there()
    {
        using var scratch = new Scratch();
        var seen = scratch.PathOf("seen");
        using var lan = Lan.Start(new LanOptions
        {
            Clients = 0,
            ServerTap = true,
            ServerHook = $"{{ id -u; ip -o link show {Lan.TapName}; ss -lx; }} > {seen}",
            ServerOptions = ["--uid", "nobody", "--gid", "nogroup"],
        });
        var lines = File.ReadAllText(seen);
        Assert.StartsWith("0\n", lines, StringComparison.Ordinal);
        Assert.Contains($"{Lan.TapName}:", lines, StringComparison.Ordinal);
        Assert.Contains(lan.SocketPath, lines, StringComparison.Ordinal);
        Eventually.Equal("the rights are dropped after the hook", 65534, () => lan.Server.Vitals.UserIds[0]);
    }

    [Fact]
    public void No_peer_is_served_before_the_servers_hook_has_ended()
    {
        Requires.Root();
        using var scratch = new Scratch();
        using var hub = new NetworkNamespace("hub");
        var (socket, go) = (scratch.PathOf("vpn.sock"), scratch.PathOf("go"));
        using var server = hub.Start(ProgramPair.Ours.Server, "--exec", Until(go), socket);
        Eventually.True("the socket is there", () => File.Exists(socket));
        using var peer = RawWebSocket.Connect(socket);
        peer.Send(UwsgiPacket.Build(0, RawWebSocket.UwsgiVariables()));
        Assert.False(peer.Socket.Poll(AWhile, System.Net.Sockets.SelectMode.SelectRead));
        File.WriteAllText(go, "");
        peer.ExpectUpgrade();
    }

    [Fact]
    public void A_failing_hook_ends_the_server_with_code_1_and_nothing_stays()
    {
        Requires.Root();
        using var scratch = new Scratch();
        using var hub = new NetworkNamespace("hub");
        var socket = scratch.PathOf("vpn.sock");
        using var server = hub.Start(ProgramPair.Ours.Server, "--tuntap", Lan.TapName, "--exec", "exit 3", socket);
        Assert.Equal(1, server.WaitForExit());
        Assert.Contains("3", server.Output, StringComparison.Ordinal);
        Assert.False(hub.HasLink(Lan.TapName));
        Assert.False(File.Exists(socket));
    }

    [Fact]
    public void The_clients_hook_runs_once_the_tap_is_there_and_before_it_connects()
    {
        using var scratch = new Scratch();
        var (seen, go) = (scratch.PathOf("seen"), scratch.PathOf("go"));
        using var lan = Lan.Start(new LanOptions { Clients = 0 });
        var client = lan.Join(new LanClientOptions { Hook = $"ip -o link show {Lan.TapName} > {seen}; {Until(go)}" });
        Eventually.True("the hook runs", () => File.Exists(seen) && File.ReadAllText(seen).Contains($"{Lan.TapName}:", StringComparison.Ordinal));
        Eventually.Holds("nobody connects", AWhile, () => lan.Control.CountPeers() == 0);
        File.WriteAllText(go, "");
        lan.WaitUntilJoined();
        Assert.False(client.Process.HasExited);
    }

    [Fact]
    public void A_failing_hook_ends_the_client_with_code_1_and_the_tap_goes()
    {
        using var lan = Lan.Start(new LanOptions { Clients = 0 });
        var client = lan.Join(new LanClientOptions { Hook = "exit 4" });
        Assert.Equal(1, client.Process.WaitForExit());
        Assert.Contains("4", client.Process.Output, StringComparison.Ordinal);
        Assert.False(client.Machine.HasLink(Lan.TapName));
        Assert.Equal(0, lan.Control.CountPeers());
    }

    private static string Until(string file) => $"while [ ! -e {file} ]; do sleep 0.02; done";
}
