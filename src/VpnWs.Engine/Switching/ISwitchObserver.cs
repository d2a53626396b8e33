using VpnWs.Ethernet;

namespace VpnWs.Switching;

/// <summary>
/// Told of what happens to addresses and ports, never of single frames. The calls come one at a time and in order, from whichever thread is at hand and
/// with no lock of the switch held; they must be short and must not throw.
/// </summary>
internal interface ISwitchObserver
{
    /// <summary>A port came to hold an address that nobody held.</summary>
    void AddressLearned(SwitchPort port, MacAddress address);

    /// <summary>A port wants an address that a live port holds; its frames from it are dropped. Told once for each claim.</summary>
    void AddressRefused(SwitchPort claimant, SwitchPort holder, MacAddress address);

    /// <summary>The holder of a contested address must be pinged; whatever it sends then, through <see cref="SwitchPort.LastHeard"/>, is its answer. At most one in <see cref="SwitchOptions.ProbeTimeoutMilliseconds"/> for each holder.</summary>
    void ProbeRequested(SwitchPort holder, MacAddress address);

    /// <summary>An address went from one port to another. <see cref="MoveReason.Roamed"/> is told at most once a second for each address.</summary>
    void AddressMoved(SwitchPort from, SwitchPort to, MacAddress address, MoveReason reason);

    /// <summary>An address went between two ports too often, and stays for a minute with the one that holds it.</summary>
    void AddressFrozen(SwitchPort holder, SwitchPort claimant, MacAddress address);

    /// <summary>A bridge port brought frames of other ports back: nothing goes in or out there for a minute.</summary>
    void PortBlocked(SwitchPort port);

    /// <summary>The minute is over.</summary>
    void PortUnblocked(SwitchPort port);
}
