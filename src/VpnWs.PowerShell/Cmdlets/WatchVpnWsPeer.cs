using System.Management.Automation;

namespace VpnWs.PowerShell;

/// <summary>Gives events of peers to the pipeline as they happen: who joined, who left and why, who was refused, whose MAC address another one holds, whose frames a guard drops.</summary>
/// <remarks>
/// <para>It goes on until Ctrl+C, -Count or -TimeoutSec, or until all the servers have stopped. To act on events in the background use Register-ObjectEvent with a server and its events PeerJoined, PeerLeft, PeerRefused, MacConflict, GuardHit and StateChanged.</para>
/// </remarks>
/// <example>
///   <para>Shows what happens within ten seconds.</para>
///   <code>$null = Start-VpnWsServer -Http 127.0.0.1:0
/// Watch-VpnWsPeer -TimeoutSec 10</code>
/// </example>
/// <example>
///   <para>Waits for the next peer that leaves, and says why it did.</para>
///   <code>$null = Start-VpnWsServer -Http 127.0.0.1:0
/// Watch-VpnWsPeer -TimeoutSec 10 | Where-Object Kind -eq PeerLeft | Select-Object -First 1 -ExpandProperty Reason</code>
/// </example>
[Cmdlet(VerbsCommon.Watch, "VpnWsPeer")]
[OutputType(typeof(LanEventArgs))]
public sealed class WatchVpnWsPeerCommand : LanCmdlet
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HashSet<LanServer> _running = [];
    private int _written;
    private int _lost;

    /// <summary>Servers of this session, as objects, names or wildcard patterns; by default all that run now.</summary>
    [Parameter(Position = 0)]
    [ArgumentCompleter(typeof(ServerCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public ServerSource[] Server { get; set; } = [new("*")];

    /// <summary>How many events to give before the end; by default there is no end.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Count { get; set; } = int.MaxValue;

    /// <summary>How many seconds to watch; by default there is no end.</summary>
    [Parameter]
    [ValidateRange(0.0, Seconds.PerDay)]
    public double? TimeoutSec { get; set; }

    private protected override object? Target => string.Join(", ", Server.Select(static server => server.Name));

    private protected override void Process()
    {
        var servers = Servers(Server);
        if (servers.Count == 0)
            throw new LanException("ServerNotFound", ErrorCategory.ObjectNotFound, "There is no such server to watch in this session.", "Start-VpnWsServer starts one.");
        _running.UnionWith(servers);
        try
        {
            foreach (var server in servers) Begin(server);
            Serve(TimeoutSec is { } seconds ? Task.WhenAny(_done.Task, Task.Delay(TimeSpan.FromSeconds(seconds), StopToken)) : _done.Task);
            WarnOfLost();
        }
        finally
        {
            foreach (var server in servers)
            {
                server.Raised -= Report;
                server.Closed -= Ended;
            }
        }
    }

    private void Begin(LanServer server)
    {
        server.Raised += Report;
        server.Closed += Ended;
        if (!server.IsEnding) return;
        WriteError(Failures.Record(
            new LanException("ServerStopped", ErrorCategory.ResourceUnavailable, $"The server '{server.Name}' has stopped: there is nothing to watch.", "Start-VpnWsServer starts another one."), server));
        Ended(server);
    }

    private void Report(LanEventArgs e)
    {
        if (e.Kind != LanEventKind.StateChanged && !Post(() => Write(e))) Interlocked.Increment(ref _lost);
    }

    private void Write(LanEventArgs e)
    {
        if (_written == Count) return;
        WarnOfLost();
        WriteObject(e);
        if (++_written == Count) _done.TrySetResult();
    }

    private void WarnOfLost()
    {
        if (Interlocked.Exchange(ref _lost, 0) is > 0 and var lost) WriteWarning($"{lost} events were left out: what follows in the pipeline could not keep up.");
    }

    private void Ended(LanServer server)
    {
        lock (_running)
        {
            _running.Remove(server);
            if (_running.Count == 0) _done.TrySetResult();
        }
    }
}
