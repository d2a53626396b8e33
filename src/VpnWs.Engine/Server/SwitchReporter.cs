using VpnWs.Ethernet;
using VpnWs.Switching;
using VpnWs.WebSockets;

namespace VpnWs.Server;

/// <summary>Turns what the switch observes into events, pings and closes.</summary>
internal sealed class SwitchReporter(Action<ServerEvent> report) : ISwitchObserver
{
    /// <inheritdoc/>
    public void AddressLearned(SwitchPort port, MacAddress address) => report(new AddressLearned(address, port.Id));

    /// <inheritdoc/>
    public void AddressRefused(SwitchPort claimant, SwitchPort holder, MacAddress address) =>
        report(new AddressConflict(address, holder.Id, claimant.Id));

    /// <inheritdoc/>
    public void ProbeRequested(SwitchPort holder, MacAddress address)
    {
        // The switch may be holding its lock; sending is for later.
        if (holder is PeerPort peer) ThreadPool.QueueUserWorkItem(static p => p.Ping(Environment.TickCount64), peer, preferLocal: false);
    }

    /// <inheritdoc/>
    public void AddressMoved(SwitchPort from, SwitchPort to, MacAddress address, MoveReason reason)
    {
        report(new AddressPassed(address, from.Id, to.Id, Explain(reason)));
        if (reason is not (MoveReason.SameIdentity or MoveReason.HolderSilent or MoveReason.Uplink) || from is not PeerPort { IsBridge: false } old) return;
        ThreadPool.QueueUserWorkItem(static p => p.Close(CloseCode.PolicyViolation, "its MAC address is with another connection now"), old, preferLocal: false);
    }

    /// <inheritdoc/>
    public void AddressFrozen(SwitchPort holder, SwitchPort claimant, MacAddress address) => report(new AddressFrozen(address, holder.Id, claimant.Id));

    /// <inheritdoc/>
    public void PortBlocked(SwitchPort port) => report(new PortBlocked(port.Id));

    /// <inheritdoc/>
    public void PortUnblocked(SwitchPort port) => report(new PortUnblocked(port.Id));

    private static string Explain(MoveReason reason) => reason switch
    {
        MoveReason.SameIdentity => "the same user connected again",
        MoveReason.HolderSilent => "its holder does not answer",
        MoveReason.HolderLeft => "its holder left",
        MoveReason.Uplink => "it is the server's own tap's",
        _ => "the station moved",
    };
}
