using VpnWs.Ethernet;
using VpnWs.Switching;

namespace VpnWs.Benchmarks;

/// <summary>Cares for nothing that happens to addresses and ports.</summary>
internal sealed class Nobody : ISwitchObserver
{
    public void AddressLearned(SwitchPort port, MacAddress address)
    {
    }

    public void AddressRefused(SwitchPort claimant, SwitchPort holder, MacAddress address)
    {
    }

    public void ProbeRequested(SwitchPort holder, MacAddress address)
    {
    }

    public void AddressMoved(SwitchPort from, SwitchPort to, MacAddress address, MoveReason reason)
    {
    }

    public void AddressFrozen(SwitchPort holder, SwitchPort claimant, MacAddress address)
    {
    }

    public void PortBlocked(SwitchPort port)
    {
    }

    public void PortUnblocked(SwitchPort port)
    {
    }
}
