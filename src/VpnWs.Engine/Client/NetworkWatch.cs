using System.Net.NetworkInformation;
using VpnWs.Taps;

namespace VpnWs.Client;

/// <summary>
/// Notices when the network around this machine changes. On Linux that is whatever netlink tells, routes among it; elsewhere what the framework
/// tells, which is addresses alone.
/// </summary>
internal sealed class NetworkWatch : IDisposable
{
    private readonly NetlinkWatch? _netlink;
    private volatile TaskCompletionSource _change = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <exception cref="TapException">The system does not let us watch.</exception>
    public NetworkWatch()
    {
        if (OperatingSystem.IsLinux()) _netlink = new NetlinkWatch(Changed);
        else NetworkChange.NetworkAddressChanged += AddressChanged;
    }

    /// <summary>Completes with the next change.</summary>
    public Task NextChange => _change.Task;

    /// <inheritdoc/>
    public void Dispose()
    {
        _netlink?.Dispose();
        if (_netlink is null) NetworkChange.NetworkAddressChanged -= AddressChanged;
    }

    private void AddressChanged(object? sender, EventArgs e) => Changed();

    private void Changed()
    {
        var old = _change;
        _change = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        old.TrySetResult();
    }
}
