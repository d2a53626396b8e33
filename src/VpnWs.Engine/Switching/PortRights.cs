using VpnWs.Ethernet;
using VpnWs.Switching.Guards;

namespace VpnWs.Switching;

/// <summary>What ports may: puts settings in force, takes addresses from a port that it may not have any more, and blocks ports for a while. All of it happens under the switch's lock and off the hot path.</summary>
internal sealed class PortRights(FloodLists lists, AddressClaims claims, ISwitchObserver announcer)
{
    private readonly List<SwitchPort> _blocked = [];

    /// <summary>Changes what a port may do; what it was blocked for stays.</summary>
    public void Configure(SwitchPort port, PortSettings settings, long now)
    {
        var guard = settings.Guard;
        if (port.Guard is { } old && now < old.BlockedUntil) (guard ??= new PortGuard()).BlockedUntil = old.BlockedUntil;
        port.Guard = guard;
        port.Storms = settings.Storms;
        port.Unknowns = settings.Unknowns;
        port.MaxAddresses = settings.MaxAddresses;
        port.AllowedAddresses = settings.AllowedAddresses;
        if (port.IsBridge != settings.IsBridge) lists.SetBridge(port, settings.IsBridge);
        if (port.Stage == PortStage.Attached) ReleaseForbidden(port);
    }

    /// <summary>Blocks a port for <see cref="LoopGuard.BlockTime"/>.</summary>
    /// <returns>False where it is blocked already, or gone.</returns>
    public bool TryBlock(SwitchPort port, long now)
    {
        if (port.Stage != PortStage.Attached || _blocked.Contains(port)) return false;
        (port.Guard ??= new PortGuard()).BlockedUntil = now + LoopGuard.BlockTime;
        _blocked.Add(port);
        announcer.PortBlocked(port);
        return true;
    }

    /// <summary>Lets the ports go on whose time is over.</summary>
    public void Unblock(long now)
    {
        foreach (var port in _blocked.FindAll(port => port.Stage != PortStage.Attached || port.Guard is not { } guard || now >= guard.BlockedUntil))
        {
            _blocked.Remove(port);
            if (port.Stage != PortStage.Attached) continue;
            if (port.Guard is { IsOpen: true }) port.Guard = null;
            announcer.PortUnblocked(port);
        }
    }

    // The addresses that were silent for longest go first; the declared one, if it may stay, is kept.
    private void ReleaseForbidden(SwitchPort port)
    {
        var most = claims.MostFor(port);
        if (!port.HoldsMany || port.AllowedAddresses is not null || port.Addresses.Count + (port.Claims?.Count ?? 0) > most) claims.WithdrawAll(port);
        if (port.AllowedAddresses is { } allowed)
        {
            if (!allowed.Contains(port.Declared)) port.Declared = MacAddress.Zero;
            foreach (var entry in port.Addresses.Where(entry => !allowed.Contains(entry.Address)).ToArray()) claims.Release(entry);
        }

        foreach (var entry in port.Addresses.OrderBy(static entry => entry.IsDeclared).ThenBy(static entry => entry.LastSeen).Take(port.Addresses.Count - most).ToArray()) claims.Release(entry);
        port.LastSource = null;
    }
}
