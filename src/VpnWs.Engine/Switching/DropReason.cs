namespace VpnWs.Switching;

/// <summary>Why a frame went no further. Every dropped frame is counted under exactly one of these.</summary>
public enum DropReason : byte
{
    /// <summary>The frame was not dropped.</summary>
    None,

    /// <summary>Shorter than an Ethernet header: 14 bytes.</summary>
    Runt,

    /// <summary>The source is a group address, the broadcast address or zero, which no station has (IEEE 802 section 8.2).</summary>
    InvalidSource,

    /// <summary>Source and destination are the same: a loop.</summary>
    SourceEqualsDestination,

    /// <summary>The destination is 00:00:00:00:00:00.</summary>
    InvalidDestination,

    /// <summary>The destination is one of 01:80:c2:00:00:00 to 0f, which a bridge does not forward (IEEE 802.1D section 7.12.6).</summary>
    ReservedAddress,

    /// <summary>A peer without the bridge right sent from an address that is not its own.</summary>
    SourceNotAllowed,

    /// <summary>The source address is held by another live port.</summary>
    AddressConflict,

    /// <summary>The bridge port that the frame came from has as many addresses as it may have.</summary>
    TableFull,

    /// <summary>Nobody is known by the destination address and there is no other bridge port to try.</summary>
    UnknownDestination,

    /// <summary>A broadcast where broadcasts are not flooded and there is no other bridge port.</summary>
    BroadcastDisabled,

    /// <summary>A multicast where multicasts are not flooded and there is no other bridge port.</summary>
    MulticastDisabled,

    /// <summary>From one isolated port to another.</summary>
    Isolated,

    /// <summary>The destination is on the port that the frame came from.</summary>
    SamePort,

    /// <summary>As many bytes as allowed are already waiting to be sent to the port.</summary>
    OutboxFull,

    /// <summary>Longer than the port carries.</summary>
    Oversize,

    /// <summary>The tap's interface is down.</summary>
    TapDown,

    /// <summary>The kernel did not take the frame at the tap.</summary>
    TapRefused,

    /// <summary>The offload header is not one that a kernel could have written for this frame.</summary>
    InvalidOffloadHeader,

    /// <summary>The port had been closed.</summary>
    PortClosed,

    /// <summary>The port is not of the frame's VLAN, or may not tag frames so.</summary>
    VlanNotAllowed,

    /// <summary>An IP, ARP or Neighbor Discovery packet from an address that the port may not use.</summary>
    AddressSpoofed,

    /// <summary>A message of a DHCP server from a port where none may be.</summary>
    DhcpGuarded,

    /// <summary>A router advertisement or redirect from a port where no router may be (RFC 6105).</summary>
    RouterGuarded,

    /// <summary>A packet that a guard cannot read to the point that matters: cut, contradictory, or behind headers of no use (RFC 7113 section 3).</summary>
    Unreadable,

    /// <summary>More frames a second than the port may send.</summary>
    FrameLimited,

    /// <summary>More bits a second than the port may send or get.</summary>
    BandwidthLimited,

    /// <summary>More broadcasts and multicasts a second than the port may send.</summary>
    StormLimited,

    /// <summary>More frames to unknown addresses a second than the port may send.</summary>
    UnknownLimited,

    /// <summary>The source address went from port to port too often, and stays for a minute where it is.</summary>
    AddressFrozen,

    /// <summary>The bridge port brought frames of other ports back, and is blocked for a minute.</summary>
    LoopBlocked,
}
