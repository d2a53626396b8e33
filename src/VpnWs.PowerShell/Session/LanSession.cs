using System.Collections.Concurrent;
using System.Diagnostics;
using System.Management.Automation.Runspaces;

namespace VpnWs.PowerShell;

/// <summary>What one runspace has made. It goes when the runspace is closed, the module removed or the process ended.</summary>
internal sealed class LanSession
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);
    private static readonly ConcurrentDictionary<Guid, LanSession> Sessions = new();

    static LanSession() => AppDomain.CurrentDomain.ProcessExit += static (_, _) => CloseAll();

    private LanSession(Runspace runspace) => runspace.StateChanged += OnStateChanged;

    /// <summary>The session of the runspace that the calling thread works for.</summary>
    public static LanSession Current
    {
        get
        {
            var runspace = Runspace.DefaultRunspace;
            return Sessions.GetOrAdd(runspace.InstanceId, static (_, runspace) => new LanSession(runspace), runspace);
        }
    }

    /// <summary>The taps of <c>New-VpnWsTap</c>, and those that servers and connections made for themselves.</summary>
    public NamedSet<LanTap> Taps { get; } = new();

    /// <summary>The running servers.</summary>
    public NamedSet<LanServer> Servers { get; } = new();

    /// <summary>The connections.</summary>
    public NamedSet<LanConnection> Connections { get; } = new();

    /// <summary>Ends everything that the runspace has made.</summary>
    public static void Close(Guid runspace)
    {
        if (Sessions.TryRemove(runspace, out var session)) session.CloseAsync().Wait(Patience);
    }

    /// <summary>The tap of that name, or the far end of a loopback pair; null where there is none.</summary>
    public LanTap? FindTap(string name) => Taps.Find(name) ?? Taps.All.Select(tap => tap.Peer).OfType<LanTap>().FirstOrDefault(peer => NamedSet.SameName(peer.Name, name));

    /// <summary>Takes a running server in, with a tap that it made for itself, until it is stopped.</summary>
    /// <returns>False where its name is taken.</returns>
    public bool TryAdd(LanServer server)
    {
        if (!Servers.TryAdd(server)) return false;
        Keep(server.Tap);
        server.Closed += stopped =>
        {
            Servers.Remove(stopped);
            Drop(stopped.Tap);
        };
        return true;
    }

    /// <summary>Takes a connection in, with a tap that it made for itself, until it is ended.</summary>
    /// <returns>False where its name is taken.</returns>
    public bool TryAdd(LanConnection connection)
    {
        if (!Connections.TryAdd(connection)) return false;
        Keep(connection.Tap);
        connection.Closed += ended =>
        {
            Connections.Remove(ended);
            Drop(ended.Tap);
        };
        return true;
    }

    private void Keep(LanTap? tap)
    {
        if (tap is { IsBorrowed: true }) Taps.TryAdd(tap);
    }

    private void Drop(LanTap? tap)
    {
        if (tap is { IsBorrowed: true }) Taps.Remove(tap);
    }

    private static void CloseAll() => Task.WhenAll(Sessions.Values.Select(session => session.CloseAsync())).Wait(Patience);

    /// <summary>Each step is taken, whatever becomes of the others; what goes wrong is told to who traces the process, as there is no pipeline to tell.</summary>
    private async Task CloseAsync()
    {
        // Those who leave first need not be thrown out.
        await Task.WhenAll(Connections.TakeAll().Select(connection => TryAsync(connection.CloseAsync))).ConfigureAwait(false);
        await Task.WhenAll(Servers.TakeAll().Select(server => TryAsync(server.CloseAsync))).ConfigureAwait(false);
        foreach (var tap in Taps.TakeAll())
        {
            await TryAsync(() =>
            {
                tap.Close();
                return Task.CompletedTask;
            }).ConfigureAwait(false);
        }
    }

    private static async Task TryAsync(Func<Task> step)
    {
        try
        {
            await step().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Trace.TraceError($"VpnWs: the end of a session: {e}");
        }
    }

    private void OnStateChanged(object? sender, RunspaceStateEventArgs e)
    {
        if (e.RunspaceStateInfo.State is RunspaceState.Closing or RunspaceState.Closed or RunspaceState.Broken && sender is Runspace runspace)
            Close(runspace.InstanceId);
    }
}
