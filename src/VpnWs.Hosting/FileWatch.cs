namespace VpnWs.Hosting;

/// <summary>
/// Has things made anew when their files have changed, or at once when asked. The files are looked at every second: that also sees what watches
/// of the kernel's do not, such as files on network drives and links in folders that come and go. What could not be made is tried again as
/// often: the rights of a file may be mended without any other change to it. The PowerShell module is built with this file too.
/// </summary>
/// <param name="reloadables">What is watched.</param>
/// <param name="report">Told what came of each reload; of a fault that lasts it is told once.</param>
internal sealed class FileWatch(IReadOnlyList<IReloadable> reloadables, Action<ReloadOutcome> report)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Watched[] _watched = [.. reloadables.Select(item => new Watched(item))];

    /// <summary>Watches until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Period);
        while (!cancellationToken.IsCancellationRequested && await NextAsync(timer, cancellationToken).ConfigureAwait(false)) Look();
    }

    /// <summary>Makes everything anew.</summary>
    /// <returns>False where there is nothing to make.</returns>
    public bool ReloadAll()
    {
        lock (_gate)
        {
            foreach (var watched in _watched) Reload(watched, isAsked: true);
        }

        return _watched.Length > 0;
    }

    /// <summary>Makes anew what has changed.</summary>
    internal void Look()
    {
        lock (_gate)
        {
            foreach (var watched in _watched)
            {
                var stamp = watched.Item.Stamp;
                // Only what has come to rest is read: a certificate and its key are written one after the other.
                if (stamp == watched.Seen && (stamp != watched.Item.StampRead || watched.Fault is not null)) Reload(watched, stamp != watched.Item.StampRead);
                watched.Seen = stamp;
            }
        }
    }

    private static async Task<bool> NextAsync(PeriodicTimer timer, CancellationToken cancellationToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void Reload(Watched watched, bool isAsked)
    {
        var outcome = watched.Item.Reload();
        if (outcome.Fault is null || isAsked || outcome.Fault != watched.Fault) report(outcome);
        watched.Fault = outcome.Fault;
    }

    private sealed class Watched(IReloadable item)
    {
        public IReloadable Item => item;

        /// <summary>What its files looked like when they were last looked at.</summary>
        public string Seen { get; set; } = item.StampRead;

        /// <summary>Why it could not be made anew, or null.</summary>
        public string? Fault { get; set; }
    }
}
