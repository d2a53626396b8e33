namespace VpnWs.PowerShell;

/// <summary>The end of an object that several may end: it happens once, and everybody waits for that one.</summary>
internal sealed class Ending
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _begun;

    /// <summary>Whether somebody has begun to end it.</summary>
    public bool HasBegun => Volatile.Read(ref _begun) != 0;

    /// <summary>Ends it, or waits until the one who came first has.</summary>
    /// <param name="end">Ends it.</param>
    /// <param name="tell">Tells of the end. Those who wait do not wait for that, so what is told may wait for the end itself.</param>
    public async Task RunAsync(Func<Task> end, Action tell)
    {
        if (Interlocked.Exchange(ref _begun, 1) != 0)
        {
            await _done.Task.ConfigureAwait(false);
            return;
        }

        try
        {
            await end().ConfigureAwait(false);
        }
        finally
        {
            _done.SetResult();
            tell();
        }
    }
}
