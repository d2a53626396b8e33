using System.Management.Automation;
using VpnWs.Transport;

namespace VpnWs.PowerShell;

/// <summary>What all cmdlets of the module have in common: the session, waiting for the engine, and errors.</summary>
public abstract class LanCmdlet : PSCmdlet, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly PipelinePump _pump;

    /// <summary>Makes a cmdlet for one pipeline.</summary>
    private protected LanCmdlet() => _pump = new PipelinePump(_stop.Token);

    /// <summary>Cancelled when the pipeline is stopped.</summary>
    private protected CancellationToken StopToken => _stop.Token;

    /// <summary>What this runspace has made.</summary>
    private protected static LanSession Session => LanSession.Current;

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Lets go of what the cmdlet needs while it runs.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (!disposing) return;
        _pump.Dispose();
        _stop.Dispose();
    }

    /// <summary>Does what the cmdlet does for one object; what is wrong with it becomes an error that ends the cmdlet.</summary>
    private protected virtual void Process()
    {
    }

    /// <inheritdoc/>
    protected sealed override void ProcessRecord()
    {
        try
        {
            Process();
        }
        catch (Exception e) when (e is not PipelineStoppedException && Failures.IsExpected(e))
        {
            ThrowTerminatingError(Failures.Record(e, Target));
        }
    }

    /// <summary>What an error of this cmdlet is about.</summary>
    private protected virtual object? Target => null;

    /// <inheritdoc/>
    protected override void StopProcessing() => _stop.Cancel();

    /// <summary>Waits for work of the engine; Ctrl+C ends the wait at once.</summary>
    private protected void Wait(Func<CancellationToken, Task> work, Action? tick = null)
    {
        var stop = _stop.Token;
        var task = Task.Run(() => work(stop), CancellationToken.None);
        _pump.Run(task, tick);
        task.GetAwaiter().GetResult();
    }

    /// <summary>Waits for work of the engine that has a result.</summary>
    private protected T Wait<T>(Func<CancellationToken, Task<T>> work)
    {
        T? result = default;
        Wait(async stop => { result = await work(stop).ConfigureAwait(false); });
        return result!;
    }

    /// <summary>Starts something and undoes it where that fails; where the pipeline is stopped, in its own time.</summary>
    private protected void StartOrUndo(Func<CancellationToken, Task> start, Func<Task> undo, Action? tick = null)
    {
        try
        {
            Wait(start, tick);
        }
        catch (PipelineStoppedException)
        {
            _ = undo();
            throw;
        }
        catch
        {
            Wait(_ => undo());
            throw;
        }
    }

    /// <summary>Tells the user of an engine's event, from any thread.</summary>
    private protected void Tell(EventLevel level, string text) => _pump.Post(() =>
    {
        if (level >= EventLevel.Warning) WriteWarning(text);
        else if (level == EventLevel.Information) WriteVerbose(text);
        else WriteDebug(text);
    });

    /// <summary>Waits while a handler on other threads leaves errands, until the work has ended.</summary>
    private protected void Serve(Task work) => _pump.Run(work);

    /// <summary>Leaves an errand to the pipeline thread, from any thread.</summary>
    private protected bool Post(Action errand) => _pump.Post(errand);

    /// <summary>Runs the block of <c>-Exec</c> on the pipeline thread and waits for it, from any other thread.</summary>
    private protected Task ExecuteAsync(ScriptBlock block, Func<LanTap?> tap) => _pump.InvokeAsync(() => Execute(block, tap()));

    /// <summary>Runs the block of <c>-Exec</c>: the tap is <c>$_</c> and the first argument, any error in it ends it, and its output goes to the information stream.</summary>
    private protected void Execute(ScriptBlock block, LanTap? tap)
    {
        List<PSVariable> variables =
        [
            new("_", tap),
            new("ErrorActionPreference", ActionPreference.Stop),
            new("PSNativeCommandUseErrorActionPreference", true),
        ];
        try
        {
            foreach (var output in block.InvokeWithContext(null, variables, tap)) WriteInformation(output, ["VpnWs", "Exec"]);
        }
        catch (RuntimeException e) when (e is not PipelineStoppedException)
        {
            throw new ExecException(e);
        }
    }

    /// <summary>The objects of those names or patterns; a name that matches nothing is an error, a pattern is not.</summary>
    private protected IReadOnlyList<T> Named<T>(NamedSet<T> all, string[]? names, string kind)
        where T : class, INamed => Found(names ?? ["*"], static name => name, all.Match, kind);

    /// <summary>The servers that are meant, by default all; a name that matches none is an error, a pattern is not.</summary>
    private protected IReadOnlyList<LanServer> Servers(ServerSource[]? servers) =>
        Found(servers ?? [new ServerSource("*")], static wanted => wanted.Name, static wanted => wanted.Find(Session), "Server");

    /// <summary>Tells where a handler of an event failed, when the object of the event has ended.</summary>
    private protected void WarnOfHandler(string name, Exception? fault)
    {
        if (fault is not null) WriteWarning($"A handler of an event of '{name}' failed: {fault.Message}");
    }

    private List<T> Found<TWanted, T>(TWanted[] wanted, Func<TWanted, string> name, Func<TWanted, IReadOnlyList<T>> find, string kind)
    {
        List<T> found = [];
        foreach (var one in wanted)
        {
            var matching = find(one);
            if (matching.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(name(one))) WriteError(Failures.NotFound(kind, name(one)));
            found.AddRange(matching.Except(found));
        }

        return found;
    }

    /// <summary>The path in the file system that a path of PowerShell means, whether it exists or not.</summary>
    private protected string FilePath(string path) => GetUnresolvedProviderPathFromPSPath(path);
}
