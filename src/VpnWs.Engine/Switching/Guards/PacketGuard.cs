using System.Buffers.Binary;
using VpnWs.Ethernet;

namespace VpnWs.Switching.Guards;

/// <summary>
/// Looks into the packets that a port sends: no answers of a DHCP server, nothing that only routers say (RFC 6105, with the rules of RFC 7113 on extension
/// headers and fragments; RFC 7610 for DHCPv6), no IP address but its own (in IPv4, IPv6, ARP and Neighbor Discovery). It believes no length field, and what cannot be read to
/// the point that matters does not pass: a receiver might read it.
/// </summary>
/// <param name="dhcp">Whether to drop what DHCP servers send.</param>
/// <param name="router">Whether to drop what routers send.</param>
/// <param name="sources">The addresses to send from; null for any.</param>
internal sealed class PacketGuard(bool dhcp, bool router, SourceAddresses? sources)
{
    private const byte IcmpV4Redirect = 5;
    private const byte IcmpV4RouterAdvertisement = 9;
    private const byte MaxHopLimit = 255;
    private const ushort LinkLocal = 0xfe80;
    private const ushort LinkLocalMask = 0xffc0;

    // Multicast Listener Discovery (RFC 2710, RFC 3810), which a station speaks before it has an address.
    private const byte ListenerReportV1 = 131;
    private const byte ListenerDone = 132;
    private const byte ListenerReportV2 = 143;

    /// <summary>Decides on a frame.</summary>
    /// <param name="frame">The frame, or as much of it as is there.</param>
    /// <param name="isWhole">Whether that is all of it.</param>
    /// <param name="reason">Why it is dropped, or <see cref="DropReason.None"/>.</param>
    /// <returns>False where more of the frame is needed to decide.</returns>
    public bool TryInspect(ReadOnlySpan<byte> frame, bool isWhole, out DropReason reason)
    {
        reason = DropReason.Unreadable;
        var link = LinkHeader.Read(frame);
        if (link.Status == HeaderStatus.Truncated) return isWhole;
        if (link.Status != HeaderStatus.Whole) return true;
        var packet = frame[link.PayloadOffset..];
        var sender = EthernetFrame.Source(frame);
        switch (link.EtherType)
        {
            case EtherTypes.IPv4:
                return TryInspectIPv4(packet, isWhole, out reason);
            case EtherTypes.IPv6:
                return TryInspectIPv6(packet, sender, isWhole, out reason);
            case EtherTypes.Arp when sources is not null:
                return TryInspectArp(packet, sender, isWhole, out reason);
            default:
                reason = DropReason.None;
                return true;
        }
    }

    private bool TryInspectArp(ReadOnlySpan<byte> packet, MacAddress sender, bool isWhole, out DropReason reason)
    {
        reason = DropReason.Unreadable;
        var status = ArpPacket.Read(packet, out var hardware, out var address);
        if (status == HeaderStatus.Truncated) return isWhole;
        if (status != HeaderStatus.Whole) return true;
        reason = hardware == sender && sources!.Contains(address) ? DropReason.None : DropReason.AddressSpoofed;
        return true;
    }

    private bool TryInspectIPv4(ReadOnlySpan<byte> packet, bool isWhole, out DropReason reason)
    {
        reason = DropReason.Unreadable;
        var upper = UpperHeader.ReadIPv4(packet);
        if (upper.Status == HeaderStatus.Truncated) return isWhole;
        if (upper.Status == HeaderStatus.Malformed) return true;
        var isFirst = upper.Status == HeaderStatus.Whole;
        var payload = packet[upper.Offset..upper.End];
        var mayBeDhcp = isFirst && (dhcp || sources is not null) && upper.Protocol == IPProtocols.Udp;
        var mayBeRouter = isFirst && router && upper.Protocol == IPProtocols.IcmpV4;
        var source = BinaryPrimitives.ReadUInt32BigEndian(packet[IPv4Header.Addresses..]);
        if (payload.Length < (mayBeDhcp ? DhcpPorts.NeededLength : mayBeRouter ? 1 : 0)) return isWhole || !upper.IsCut;
        reason = mayBeDhcp && dhcp && DhcpPorts.IsFromServer(payload, isIPv6: false) ? DropReason.DhcpGuarded
            : mayBeRouter && payload[0] is IcmpV4Redirect or IcmpV4RouterAdvertisement ? DropReason.RouterGuarded
            : sources is null || sources.Contains(source) || (source == 0 && mayBeDhcp && DhcpPorts.IsFromClient(payload)) ? DropReason.None
            : DropReason.AddressSpoofed;
        return true;
    }

    private bool TryInspectIPv6(ReadOnlySpan<byte> packet, MacAddress sender, bool isWhole, out DropReason reason)
    {
        reason = DropReason.Unreadable;
        if (packet.Length < IPv6Header.Length) return isWhole;
        var source = BinaryPrimitives.ReadUInt128BigEndian(packet[IPv6Header.Addresses..]);
        var mayBeRouter = router && packet[IPv6Header.HopLimit] == MaxHopLimit && ((ushort)(source >> 112) & LinkLocalMask) == LinkLocal;
        if (!mayBeRouter && !dhcp && sources is null)
        {
            reason = DropReason.None;
            return true;
        }

        var upper = UpperHeader.ReadIPv6(packet);
        switch (upper.Status)
        {
            case HeaderStatus.Malformed or HeaderStatus.Unknown:
                return true;
            case HeaderStatus.LaterFragment:
                // Without the first fragment, which has been looked at, it comes to nothing.
                reason = sources is null || sources.Contains(source, sender) ? DropReason.None : DropReason.AddressSpoofed;
                return true;
            case HeaderStatus.Truncated:
                return isWhole || !upper.IsCut;
        }

        var payload = packet[upper.Offset..upper.End];
        if (upper.Protocol == IPProtocols.Udp)
        {
            if (payload.Length < DhcpPorts.NeededLength) return isWhole || !upper.IsCut;
            if (dhcp && DhcpPorts.IsFromServer(payload, isIPv6: true))
            {
                reason = DropReason.DhcpGuarded;
                return true;
            }
        }

        if (upper.Protocol == IPProtocols.IcmpV6)
        {
            if (payload.IsEmpty) return isWhole || !upper.IsCut;
            if (mayBeRouter && payload[0] is NeighborMessage.RouterAdvertisement or NeighborMessage.Redirect)
            {
                reason = DropReason.RouterGuarded;
                return true;
            }

            if (sources is not null) return TryInspectIcmpV6(payload, upper, source, sender, isWhole, out reason);
        }

        reason = sources is null || sources.Contains(source, sender) ? DropReason.None : DropReason.AddressSpoofed;
        return true;
    }

    private bool TryInspectIcmpV6(ReadOnlySpan<byte> message, UpperHeader upper, UInt128 source, MacAddress sender, bool isWhole, out DropReason reason)
    {
        reason = DropReason.AddressSpoofed;
        var type = message[0];
        var mayBeNameless = type is NeighborMessage.NeighborSolicitation or NeighborMessage.RouterSolicitation or ListenerReportV1 or ListenerDone or ListenerReportV2;
        if (!sources!.Contains(source, sender) && !(source == UInt128.Zero && mayBeNameless)) return true;
        reason = DropReason.None;
        if (type is not (NeighborMessage.RouterSolicitation or NeighborMessage.NeighborSolicitation or NeighborMessage.NeighborAdvertisement)) return true;
        reason = DropReason.Unreadable;

        // No Neighbor Discovery in fragments (RFC 6980): what it says could be in another one.
        if (upper.IsFragment) return true;
        if (upper.IsCut) return isWhole;
        var neighbor = NeighborMessage.Read(message, sender);
        if (neighbor.Status == HeaderStatus.Truncated) return true;

        // Who solicits with an address of its own may look for anybody; else the target is what the sender says it has.
        var isAsking = type == NeighborMessage.NeighborSolicitation && source != UInt128.Zero;
        var isHonest = neighbor.Status == HeaderStatus.Whole && (isAsking || neighbor.Target is not { } target || sources.Contains(target, sender));
        reason = isHonest ? DropReason.None : DropReason.AddressSpoofed;
        return true;
    }
}
