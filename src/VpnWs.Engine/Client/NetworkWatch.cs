using System.Net.NetworkInformation;

namespace VpnWs.Client;

/// <summary>Notices when addresses or interfaces of this machine come, go, or change; on Linux the framework has it from a netlink socket.</summary>
internal sealed class NetworkWatch : IDisposable
{
    private volatile TaskCompletionSource _change = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public NetworkWatch() => NetworkChange.NetworkAddressChanged += Changed;

    /// <summary>Completes with the next change.</summary>
    public Task NextChange => _change.Task;

    /// <inheritdoc/>
    public void Dispose() => NetworkChange.NetworkAddressChanged -= Changed;

    private void Changed(object? sender, EventArgs e)
    {
        var old = _change;
        _change = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        old.TrySetResult();
    }
}
