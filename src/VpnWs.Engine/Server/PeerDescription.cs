using VpnWs.Switching;

namespace VpnWs.Server;

/// <summary>What every port of the switch, peer or tap, shows to operators.</summary>
internal static class PeerDescription
{
    /// <summary>The port's addresses and counters.</summary>
    public static PeerInfo Of(SwitchPort port, VirtualSwitch fabric)
    {
        var primary = fabric.PrimaryAddressOf(port);
        var drops = port.Counters.DropsByReason();
        return new PeerInfo
        {
            Id = port.Id,
            Mac = primary,
            IsBridge = port.IsBridge,
            Addresses = [.. fabric.AddressesOf(port).Where(address => address != primary)],
            BytesSent = port.Counters.BytesSent,
            BytesReceived = port.Counters.BytesReceived,
            FramesSent = port.Counters.FramesSent,
            FramesReceived = port.Counters.FramesReceived,
            FramesDropped = drops.Values.Sum(),
            Drops = drops,
            IsBlocked = port.Guard is { } guard && Environment.TickCount64 < guard.BlockedUntil,
            IdleTime = TimeSpan.FromMilliseconds(Math.Max(0, Environment.TickCount64 - port.LastHeard)),
        };
    }
}
