using VpnWs.Tests.Framework;

namespace VpnWs.Tests;

/// <summary><c>vpn-ws --status</c> against every kind of control address, ours and the C server's.</summary>
public sealed class StatusTests
{
    [Fact]
    public void Our_server_is_shown_over_uwsgi_over_HTTP_and_through_nginx()
    {
        using var scratch = new Scratch();
        var control = scratch.PathOf("control.sock");
        using var lan = Lan.Start(new LanOptions { Way = Way.Nginx, ServerTap = true, ServerOptions = ["--control", control, "--control", "127.0.0.1:8081"] });
        foreach (var address in (string[])[lan.SocketPath, control, "127.0.0.1:8081", "http://127.0.0.1/vpn_admin"])
        {
            AssertTable(lan, address);
            Assert.StartsWith("{\"status\":\"ok\",\"peers\":[", Run(lan, "--status", address, "--json"), StringComparison.Ordinal);
        }

        AssertKills(lan);
        AssertFails(lan, "there is no peer 999", "--status", control, "--kill", "999");
        AssertFails(lan, $"cannot connect to {scratch.PathOf("none")}: there is no such socket", "--status", scratch.PathOf("none"));
        AssertFails(lan, "answered 404: there is no control interface at this path", "--status", "http://127.0.0.1/nothing");

        Assert.DoesNotContain("refused", lan.Server.Output, StringComparison.Ordinal);

        // A terminal of 60 columns: script(1) makes one. The framework sets its keys up first, which shows as nothing.
        var narrow = ProcessUnderTest.Run(lan.Hub, "script", "-qec", $"stty cols 60; {ProgramPair.Ours.Server} --status {control}", "/dev/null");
        narrow = narrow.Replace("\u001b[?1h\u001b=", "", StringComparison.Ordinal);
        Assert.All(narrow.ReplaceLineEndings("\n").Split('\n'), line => Assert.True(line.TrimEnd().Length <= 60, line));
        Assert.Contains("  MAC  ", narrow, StringComparison.Ordinal);
    }

    [Fact]
    public void Watching_shows_rates_until_it_is_ended()
    {
        using var lan = Lan.Start();
        Ping.WaitUntilReaches(lan.Clients[0].Machine, lan.Clients[1].Address);
        using var traffic = lan.Clients[0].Machine.Start("ping", "-q", "-i", "0.01", "-s", "1000", lan.Clients[1].Address);
        using var watch = lan.Hub.Start(ProgramPair.Ours.Server, "--status", lan.SocketPath, "--watch");
        // Some 100 kB each second.
        Eventually.True("a rate is shown", () => watch.Output.Contains("k  ", StringComparison.Ordinal), state: watch.ToString);
        Assert.Contains("IN/s", watch.Output, StringComparison.Ordinal);
        watch.Signal(UnixSignal.Terminate);
        Assert.Equal(0, watch.WaitForExit());
    }

    [Fact]
    public void The_C_server_is_shown_and_controlled()
    {
        using var lan = Lan.Start(new LanOptions { Way = Way.Nginx, Server = ProgramPair.Classic });
        AssertTable(lan, lan.SocketPath);
        AssertKills(lan);
        AssertFails(lan, "there is no peer 999", "--status", lan.SocketPath, "--kill", "999");
    }

    private static void AssertTable(Lan lan, string address)
    {
        var lines = Run(lan, "--status", address).TrimEnd().Split('\n');
        Assert.Matches("^ *ID  MAC +FROM +", lines[0]);
        foreach (var client in lan.Clients)
            Assert.Contains(lines, line => line.Contains($"  {client.MacAddress}  10.77.0.", StringComparison.OrdinalIgnoreCase));
    }

    private static void AssertKills(Lan lan)
    {
        var id = lan.Control.PeerWith(lan.Clients[0].MacAddress).Id;
        Assert.Equal("", Run(lan, "--status", lan.SocketPath, "--kill", $"{id}"));
        lan.Clients[0].Process.WaitForOutput("warn: ");
    }

    private static void AssertFails(Lan lan, string says, params string[] words)
    {
        using var status = lan.Hub.Start([ProgramPair.Ours.Server, .. words]);
        Assert.True(status.WaitForExit() == 1, status.ToString());
        Assert.Contains(says, status.Output, StringComparison.Ordinal);
    }

    private static string Run(Lan lan, params string[] words) => ProcessUnderTest.Run(lan.Hub, [ProgramPair.Ours.Server, .. words]);
}
