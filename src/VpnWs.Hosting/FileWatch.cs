using Microsoft.Extensions.Logging;

namespace VpnWs.Hosting;

/// <summary>
/// Has things made anew when their files have changed, or at once when asked. The files are looked at every second: that also sees what watches
/// of the kernel's do not, such as files on network drives and links in folders that come and go.
/// </summary>
/// <param name="reloadables">What is watched.</param>
/// <param name="log">Takes a line for each reload.</param>
internal sealed class FileWatch(IReadOnlyList<IReloadable> reloadables, ILogger log)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();

    /// <summary>Watches until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var used = reloadables.Select(item => item.Stamp).ToArray();
        var seen = used.ToArray();
        using var timer = new PeriodicTimer(Period);
        while (!cancellationToken.IsCancellationRequested && await NextAsync(timer, cancellationToken).ConfigureAwait(false))
        {
            for (var i = 0; i < used.Length; i++)
            {
                var stamp = reloadables[i].Stamp;
                // Only what has come to rest is read: a certificate and its key are written one after the other.
                if (stamp == seen[i] && stamp != used[i])
                {
                    Reload(reloadables[i]);
                    used[i] = stamp;
                }

                seen[i] = stamp;
            }
        }
    }

    /// <summary>Makes everything anew.</summary>
    public void ReloadAll()
    {
        foreach (var item in reloadables) Reload(item);
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

    private void Reload(IReloadable item)
    {
        lock (_gate)
        {
            var (done, sentence) = item.Reload();
            log.Write(done ? LogLevel.Information : LogLevel.Warning, sentence);
        }
    }
}
