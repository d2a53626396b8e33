using VpnWs.Server;
using VpnWs.Switching.Guards;

namespace VpnWs.PowerShell;

/// <summary>A server that runs somewhere else, reached by its control interface.</summary>
/// <param name="name">Its address, as messages show it.</param>
/// <param name="open">Opens the way to it.</param>
/// <param name="timeout">How long an answer may take.</param>
internal sealed class RemotePeers(string name, Func<ControlClient> open, TimeSpan timeout) : IPeerSource
{
    public string Name => name;

    public Task<IReadOnlyList<PeerInfo>> GetPeersAsync(CancellationToken cancellationToken) =>
        AskAsync(static (client, token) => client.GetPeersAsync(token), cancellationToken);

    public Task<bool> KillAsync(long id, CancellationToken cancellationToken) =>
        AskAsync((client, token) => client.KillAsync(id, token), cancellationToken);

    public Task<bool> ChangeLimitsAsync(long id, PortLimits change, CancellationToken cancellationToken) =>
        AskAsync((client, token) => client.ChangeLimitsAsync(id, change, token), cancellationToken);

    private async Task<T> AskAsync<T>(Func<ControlClient, CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        using var client = open();
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(timeout);
        try
        {
            return await ask(client, limited.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new Transport.VpnWsException(Transport.VpnWsFailure.Timeout, FormattableString.Invariant($"{name} did not answer within {timeout.TotalSeconds:0.#} s"));
        }
    }
}
