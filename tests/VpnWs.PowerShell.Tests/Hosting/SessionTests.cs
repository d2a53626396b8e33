using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using VpnWs.PowerShell;

namespace VpnWs.Tests.Hosting;

/// <summary>What belongs to whom, and how long it lives, in a process with several runspaces.</summary>
public sealed class SessionTests
{
    private const string Lan = """
        $server = Start-VpnWsServer -Http 127.0.0.1:0
        1..2 | ForEach-Object { $null = Connect-VpnWs $server.Uri -Tap (New-VpnWsTap -Loopback) }
        $server
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    [Fact]
    public void Runspaces_do_not_see_each_others_objects()
    {
        using var one = new HostedSession();
        using var two = new HostedSession();
        one.Invoke(Lan);
        Assert.Empty(two.Invoke("Get-VpnWsServer; Get-VpnWsConnection; Get-VpnWsTap; Get-VpnWsPeer"));
        var server = Assert.IsType<LanServer>(Assert.Single(two.Invoke("Start-VpnWsServer -Http 127.0.0.1:0")));
        Assert.Equal("server0", server.Name);
        two.Invoke("Get-VpnWsServer | Stop-VpnWsServer");
        Assert.Equal(2, one.Invoke("Get-VpnWsPeer").Count);
    }

    [Fact]
    public void Closing_a_runspace_ends_what_it_made_and_nothing_else()
    {
        using var one = new HostedSession();
        var two = new HostedSession();
        var kept = (LanServer)one.Invoke(Lan).Single();
        var ended = (LanServer)two.Invoke(Lan).Single();
        var connections = two.Invoke("Get-VpnWsConnection").Cast<LanConnection>().ToList();
        var taps = two.Invoke("Get-VpnWsTap").Cast<LanTap>().ToList();
        two.Dispose();
        Assert.Equal(ServerState.Stopped, ended.State);
        Assert.All(connections, static connection => Assert.Equal(ConnectionState.Closed, connection.State));
        Assert.All(taps, static tap => Assert.True(tap.IsClosed));
        Assert.Equal(ServerState.Running, kept.State);
        Assert.Equal(2, kept.PeerCount);
    }

    [Fact]
    public void Removing_the_module_under_traffic_ends_all_and_the_process_goes_on()
    {
        using var session = new HostedSession();
        var server = (LanServer)session.Invoke(Lan).Single();
        var taps = session.Invoke("(Get-VpnWsTap).Peer").Cast<LanTap>().ToList();
        using var sending = new CancellationTokenSource();
        var frame = new byte[1000];
        frame.AsSpan(0, 6).Fill(0xff);
        taps[0].MacAddress!.Value.CopyTo(frame.AsSpan(6));
        var sent = 0;
        var sender = new Thread(() =>
        {
            while (!sending.IsCancellationRequested && taps[0].Open is { } tap)
            {
                if (tap.Write(frame) == Taps.TapStatus.Done) Interlocked.Increment(ref sent);
            }
        });
        sender.Start();
        Assert.True(SpinWait.SpinUntil(() => server.GetPeers().Any(static peer => peer.FramesSent > 100), Patience), "Traffic flows.");
        session.Invoke("Remove-Module VpnWs");
        Assert.Equal(ServerState.Stopped, server.State);
        Assert.Equal(0, server.PeerCount);
        sending.Cancel();
        sender.Join();
        Assert.All(taps, static tap => Assert.True(tap.IsClosed));
        session.Invoke("Import-Module $args[0]; $null = Start-VpnWsServer -Http 127.0.0.1:0", Module.ModuleFiles.Built);
    }

    [Fact]
    public void Handlers_that_throw_silence_no_others_and_keep_nothing_from_its_end()
    {
        using var session = new HostedSession();
        var server = (LanServer)session.Invoke(Lan).Single();
        var connections = session.Invoke("Get-VpnWsConnection").Cast<LanConnection>().ToList();
        var taps = session.Invoke("Get-VpnWsTap").Cast<LanTap>().ToList();
        var fault = new InvalidOperationException("on purpose");
        List<string> heard = [];
        server.Closed += _ => throw fault;
        server.StateChanged += (_, _) => throw fault;
        server.StateChanged += (_, e) => heard.Add(e.Message);
        foreach (var connection in connections)
        {
            connection.Closed += _ => throw fault;
            connection.StateChanged += (_, _) => throw fault;
            connection.StateChanged += (_, e) => heard.Add($"{connection.Name} {e.State}");
        }

        session.Invoke("Remove-Module VpnWs");
        Assert.All(connections, static connection => Assert.Equal(ConnectionState.Closed, connection.State));
        Assert.Equal(ServerState.Stopped, server.State);
        Assert.All(taps, static tap => Assert.True(tap is { IsClosed: true, UsedBy: null }));
        Assert.Equal(["connection0 Closed", "connection1 Closed", "server server0 stopped"], heard.Order(StringComparer.Ordinal));
        Assert.All(connections, connection => Assert.Same(fault, connection.LastHandlerError));
        Assert.Same(fault, server.LastHandlerError);
    }

    [Fact]
    public async Task Ending_something_again_ends_when_it_has_ended()
    {
        using var session = new HostedSession();
        var server = (LanServer)session.Invoke(Lan).Single();
        var connection = (LanConnection)session.Invoke("Get-VpnWsConnection connection0").Single();
        var ended = connection.CloseAsync();
        await connection.CloseAsync().WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Null(connection.Tap.UsedBy);
        var stopped = server.CloseAsync();
        await server.CloseAsync().WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Equal(ServerState.Stopped, server.State);
        await Task.WhenAll(ended, stopped).WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    [Fact]
    public void A_pipeline_that_is_stopped_in_the_middle_ends_at_once_and_the_session_goes_on()
    {
        using var session = new HostedSession();
        var server = (LanServer)session.Invoke(Lan).Single();
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        session.Invoke("'t', 'u', 'v' | ForEach-Object { New-VpnWsTap -Loopback -Name $_ } | Out-Null; 1..4096 | ForEach-Object { Send-VpnWsFrame u }");
        string[] scripts =
        [
            "Watch-VpnWsPeer",
            "Receive-VpnWsFrame t-peer",
            "Send-VpnWsFrame u",
            "Connect-VpnWs ws://ADDRESS/ -Tap v",
            "Connect-VpnWs ws://ADDRESS/ -Exec { Write-Host ready; Start-Sleep 60 } -Tap t",
            "Get-VpnWsPeer -ControlPath ADDRESS",
            "Get-VpnWsPeer -ControlUri https://ADDRESS/",
            "Remove-VpnWsPeer 1 -ControlPath ADDRESS",
            "Remove-VpnWsPeer 1 -ControlUri http://ADDRESS/",
        ];
        foreach (var script in scripts)
        {
            var (shell, running) = session.Begin($"Write-Host ready; {script.Replace("ADDRESS", silent.LocalEndpoint.ToString(), StringComparison.Ordinal)}");
            Assert.True(SpinWait.SpinUntil(() => shell.Streams.Information.Count > 0, Patience));
            var watch = Stopwatch.StartNew();
            Assert.False(running.IsCompleted, $"{script} does not wait.");
            shell.Stop();
            Assert.True(watch.ElapsedMilliseconds < 200, $"{script} took {watch.ElapsedMilliseconds} ms to stop.");
            shell.Dispose();
        }

        Assert.Equal(2, server.PeerCount);
        Assert.Equal(2, session.Invoke("Get-VpnWsPeer").Count);
        Assert.Equal(2, session.Invoke("Get-VpnWsConnection").Count);
    }

    [Fact]
    public void Many_runspaces_at_once_each_have_their_own_LAN()
    {
        PowerShellAssemblies.Require();
        Parallel.For(0, 4, static _ =>
        {
            using var session = new HostedSession();
            Assert.Equal("server0", ((LanServer)session.Invoke(Lan).Single()).Name);
            Assert.Equal("heard", session.Invoke("""
                $one, $two = (Get-VpnWsTap).Peer
                Send-VpnWsFrame $one -Payload heard
                (Receive-VpnWsFrame $two -TimeoutSec 15).Text
                """).Single());
        });
    }
}
