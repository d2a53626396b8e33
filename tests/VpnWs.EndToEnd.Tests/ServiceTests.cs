using System.Text.Json;
using VpnWs.Tests.Framework;

namespace VpnWs.Tests;

/// <summary>The programs under a service manager, whose part the test plays.</summary>
public sealed class ServiceTests
{
    [Fact]
    public void Both_programs_tell_their_manager_how_they_are_and_keep_the_watchdog_content()
    {
        Requires.Root();
        using var scratch = new Scratch();
        using var machine = new NetworkNamespace("service");
        machine.Ip("link set lo up");
        using var ofServer = new NotifySocket(scratch, "server.notify");
        using var ofClient = new NotifySocket(scratch, "client.notify");
        var options = scratch.Write("client.conf", """
            # The tunnel of the office
            --log systemd
            --exec [ -z "$NOTIFY_SOCKET$WATCHDOG_USEC" ]
            vpn0
            ws://127.0.0.1:8080/vpn
            """);
        using var server = machine.Start("env", $"NOTIFY_SOCKET={ofServer.Path}", "WATCHDOG_USEC=400000", ProgramPair.Ours.Server, "--log", "json", "--http", "127.0.0.1:8080");
        ofServer.WaitFor("READY=1", server);
        ofServer.WaitFor("STATUS=0 peers", server);
        using (var client = machine.Start("env", $"NOTIFY_SOCKET={ofClient.Path}", ProgramPair.Ours.Client, $"@{options}"))
        {
            ofClient.WaitFor("READY=1", client);
            ofClient.WaitFor("STATUS=connected to ws://127.0.0.1:8080/vpn", client);
            ofServer.WaitFor("STATUS=1 peer", server);
            client.Signal(UnixSignal.Terminate);
            Assert.Equal(0, client.WaitForExit());
            ofClient.WaitFor("STOPPING=1", client);
            Assert.DoesNotContain("WATCHDOG=1", ofClient.Messages);
            Assert.All(client.Output.TrimEnd().Split('\n'), line => Assert.Matches("^<[3-7]>", line));
        }

        Eventually.True("the watchdog is fed again and again", () => ofServer.Messages.Count(message => message == "WATCHDOG=1") >= 5);
        server.Signal(UnixSignal.Terminate);
        Assert.Equal(0, server.WaitForExit());
        Assert.Equal("STOPPING=1", ofServer.Messages.Last(message => message != "WATCHDOG=1"));
        AssertLogTells(server.Output);
    }

    [Fact]
    public void The_server_takes_its_listening_sockets_over()
    {
        Requires.Root();
        using var scratch = new Scratch();
        using var machine = new NetworkNamespace("service");
        machine.Ip("link set lo up");
        var (uwsgi, control) = (scratch.PathOf("vpn.sock"), scratch.PathOf("control.sock"));
        string[] sockets = [$"uwsgi={uwsgi}", "http=127.0.0.1:8080", $"control={control}"];
        using (var server = Activate(machine, sockets, "--exec", "[ -z \"$LISTEN_FDS\" ] && [ ! -e /proc/$$/fd/4 ]"))
        {
            server.WaitForOutput("info: ready: uwsgi on");
            using var peer = RawWebSocket.Join(machine, "127.0.0.1", 8080);
            new ControlInterface(uwsgi).WaitForPeers(1);
            Assert.Contains("127.0.0.1", ProcessUnderTest.Run(machine, ProgramPair.Ours.Server, "--status", control), StringComparison.Ordinal);
            server.Signal(UnixSignal.Terminate);
            Assert.Equal(0, server.WaitForExit());
        }

        // The files are the manager's.
        Assert.True(File.Exists(uwsgi) && File.Exists(control));
        using var wrong = Activate(machine, ["vpn-ws.socket=127.0.0.1:8080"]);
        Assert.Equal(1, wrong.WaitForExit());
        Assert.Contains("is called 'vpn-ws.socket'; call it uwsgi, http or control", wrong.Output, StringComparison.Ordinal);
        using var none = machine.Start("sh", "-c", $"exec 3</dev/null; LISTEN_FDS=1 LISTEN_PID=$$ exec {ProgramPair.Ours.Server}");
        Assert.Equal(1, none.WaitForExit());
        Assert.Equal("vpn-ws: descriptor 3 of the service manager is no listening stream socket", none.Output.Trim());
    }

    private static ProcessUnderTest Activate(NetworkNamespace machine, string[] sockets, params string[] options) => machine.Start(
        ["python3", Path.Combine(AppContext.BaseDirectory, "socket_activate.py"), .. sockets, "--", ProgramPair.Ours.Server, .. options]);

    /// <summary>Who was there, when, from where, with how much traffic.</summary>
    private static void AssertLogTells(string output)
    {
        var entries = output.TrimEnd().Split('\n').Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.All(entries, entry => Assert.NotEmpty(entry.GetProperty("message").GetString()!));
        var events = entries.Where(entry => entry.TryGetProperty("event", out _)).ToLookup(entry => entry.GetProperty("event").GetString());
        var (joined, left) = (Assert.Single(events["joined"]), Assert.Single(events["left"]));
        foreach (var field in (string[])["peer", "mac", "address", "user", "dn", "transport"]) Assert.Equal($"{joined.GetProperty(field)}", $"{left.GetProperty(field)}");
        Assert.Equal("127.0.0.1", left.GetProperty("address").GetString());
        foreach (var field in (string[])["seconds", "received", "sent", "dropped"]) Assert.True(left.GetProperty(field).GetInt64() >= 0);
        Assert.NotEmpty(left.GetProperty("reason").GetString()!);
    }
}
