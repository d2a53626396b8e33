using System.Collections.Concurrent;
using System.Management.Automation;

namespace VpnWs.PowerShell;

/// <summary>
/// Lets the pipeline thread wait for work of the engine, and do meanwhile what only it may do: run script blocks and write to streams. A stop of the
/// pipeline ends the wait at once; the work is told and ends in its own time.
/// </summary>
/// <param name="stop">Cancelled when the pipeline is stopped.</param>
internal sealed class PipelinePump(CancellationToken stop) : IDisposable
{
    private const int MaxWaiting = 4096;

    private readonly BlockingCollection<Action> _errands = new(MaxWaiting);

    /// <summary>Leaves something to do to the pipeline thread, from any thread.</summary>
    /// <returns>False where it is dropped: the thread cannot keep up, or the cmdlet has ended.</returns>
    public bool Post(Action errand)
    {
        try
        {
            return _errands.TryAdd(errand);
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>Has the pipeline thread do something and waits for what comes of it, from any other thread.</summary>
    public Task InvokeAsync(Action errand)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        stop.Register(() => done.TrySetCanceled(stop));
        var isPosted = Post(() =>
        {
            try
            {
                errand();
                done.TrySetResult();
            }
            catch (PipelineStoppedException)
            {
                done.TrySetCanceled(stop);
                throw;
            }
            catch (Exception e)
            {
                done.TrySetException(e);
            }
        });
        if (!isPosted) done.TrySetCanceled(CancellationToken.None);
        return done.Task;
    }

    /// <summary>Waits, on the pipeline thread, until the work has ended.</summary>
    /// <param name="work">The work.</param>
    /// <param name="tick">Called from time to time, to show progress.</param>
    /// <exception cref="PipelineStoppedException">The pipeline was stopped.</exception>
    public void Run(Task work, Action? tick = null)
    {
        const int TickMilliseconds = 250;
        work.ContinueWith(_ => Post(static () => { }), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        try
        {
            while (!work.IsCompleted)
            {
                if (_errands.TryTake(out var errand, TickMilliseconds, stop)) errand();
                else tick?.Invoke();
            }

            while (_errands.TryTake(out var errand)) errand();
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _errands.Dispose();
}
