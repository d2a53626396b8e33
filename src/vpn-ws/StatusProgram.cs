using System.Text;
using System.Text.Unicode;
using VpnWs.Hosting;
using VpnWs.Server;
using VpnWs.Transport;

namespace VpnWs.ServerProgram;

/// <summary>What <c>vpn-ws --status</c> does.</summary>
internal static class StatusProgram
{
    private const string ClearScreen = "\u001b[H\u001b[J";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>Asks the server and prints.</summary>
    /// <exception cref="ProgramException">It does not answer, or there is no such peer.</exception>
    public static async Task<ExitCode> RunAsync(StatusSettings settings, TextWriter output, CancellationToken stop)
    {
        using var client = settings.Address.Open();
        if (settings.Kill is { } id)
        {
            if (!await AskAsync(client.KillAsync, id, stop).ConfigureAwait(false)) throw new ProgramException($"there is no peer {id}");
            return ExitCode.Done;
        }

        IReadOnlyList<PeerInfo>? before = null;
        using var timer = new PeriodicTimer(Period);
        do
        {
            if (settings.IsJson)
            {
                var json = await AskAsync((_, token) => client.GetJsonAsync(token), 0L, stop).ConfigureAwait(false);
                await output.WriteLineAsync((Utf8.IsValid(json.Span) ? Encoding.UTF8 : Encoding.Latin1).GetString(json.Span)).ConfigureAwait(false);
                continue;
            }

            var peers = await AskAsync((_, token) => client.GetPeersAsync(token), 0L, stop).ConfigureAwait(false);
            var lines = PeerListing.Of(peers, before ?? (settings.IsWatch ? peers : null), Period, DateTimeOffset.Now, Width);
            // The line below is the cursor's.
            if (settings.IsWatch) lines = PeerListing.Cut(lines, Height - 1);
            if (settings.IsWatch) await output.WriteAsync(Console.IsOutputRedirected ? before is null ? "" : "\n" : ClearScreen).ConfigureAwait(false);
            await output.WriteAsync(string.Concat(lines.Select(line => line + "\n"))).ConfigureAwait(false);
            before = peers;
        }
        while (settings.IsWatch && await NextAsync(timer, stop).ConfigureAwait(false));

        return ExitCode.Done;
    }

    private static int Width => Console.IsOutputRedirected || Console.WindowWidth <= 0 ? int.MaxValue : Console.WindowWidth;

    private static int Height => Console.IsOutputRedirected || Console.WindowHeight <= 0 ? int.MaxValue : Console.WindowHeight;

    private static async Task<T> AskAsync<T>(Func<long, CancellationToken, Task<T>> ask, long id, CancellationToken stop)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stop);
        timeout.CancelAfter(Patience);
        try
        {
            return await ask(id, timeout.Token).ConfigureAwait(false);
        }
        catch (VpnWsException e)
        {
            throw new ProgramException(e.Message, innerException: e);
        }
        catch (OperationCanceledException e) when (!stop.IsCancellationRequested)
        {
            throw new ProgramException($"no answer within {Patience.TotalSeconds} s", innerException: e);
        }
    }

    private static async Task<bool> NextAsync(PeriodicTimer timer, CancellationToken stop)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
