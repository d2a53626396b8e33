using System.Buffers.Binary;

namespace VpnWs.Ethernet;

/// <summary>What <see cref="PacketLayout.Read"/> found.</summary>
internal enum PacketStatus : byte
{
    /// <summary>A whole IP packet; the layout holds.</summary>
    Whole,

    /// <summary>No IPv4 or IPv6, or behind more than two VLAN tags.</summary>
    NotIP,

    /// <summary>An IP header that is cut, contradicts itself or claims more bytes than the frame has.</summary>
    Malformed,
}

/// <summary>
/// Where the headers of an IP packet lie in an Ethernet frame, behind up to two VLAN tags (IEEE 802.1Q), IPv4 options (RFC 791) and those IPv6
/// extension headers that Linux segments behind (RFC 8200 section 4: hop-by-hop first, routing, destination options). All is checked against the frame's length.
/// </summary>
internal readonly struct PacketLayout
{
    /// <summary>The most VLAN tags that are looked behind.</summary>
    public const int MaxVlanTags = 2;

    /// <summary>The most bytes of IPv6 extension headers that are looked behind: ample, and keeps the header that every segment repeats small.</summary>
    public const int MaxExtensionLength = 256;

    /// <summary>The largest frame that holds an IP packet: two tags and an IP packet of 65,535 bytes.</summary>
    public const int MaxFrameLength = EthernetFrame.MaxLength + (MaxVlanTags * EthernetFrame.VlanTagLength);

    private const int EtherTypeLength = 2;
    private const int ExtensionUnit = 8;

    private PacketLayout(int networkOffset, int transportOffset, int end, byte protocol, bool isIPv6, bool isFragment)
    {
        NetworkOffset = (ushort)networkOffset;
        TransportOffset = (ushort)transportOffset;
        End = end;
        Protocol = protocol;
        IsIPv6 = isIPv6;
        IsFragment = isFragment;
    }

    /// <summary>Where the packet ends by its own length field; the rest of the frame is padding.</summary>
    public int End { get; }

    /// <summary>Where the IP header starts.</summary>
    public ushort NetworkOffset { get; }

    /// <summary>Where the header that <see cref="Protocol"/> names starts; not beyond <see cref="End"/>.</summary>
    public ushort TransportOffset { get; }

    /// <summary>The protocol number behind the IP header and the extension headers.</summary>
    public byte Protocol { get; }

    /// <summary>Whether this is IPv6; IPv4 otherwise.</summary>
    public bool IsIPv6 { get; }

    /// <summary>Whether this is a fragment, so that the transport header may be somewhere else.</summary>
    public bool IsFragment { get; }

    /// <summary>Whether there are VLAN tags.</summary>
    public bool IsTagged => NetworkOffset > EthernetFrame.HeaderLength;

    /// <summary>Whether the IP header has IPv4 options or IPv6 extension headers.</summary>
    public bool HasOptions => TransportOffset - NetworkOffset > (IsIPv6 ? IPv6Header.Length : IPv4Header.MinLength);

    /// <summary>Where the source address starts; the destination address is behind it.</summary>
    public int AddressOffset => NetworkOffset + (IsIPv6 ? IPv6Header.Addresses : IPv4Header.Addresses);

    /// <summary>How long both addresses are, in bytes.</summary>
    public int AddressesLength => IsIPv6 ? IPv6Header.AddressesLength : IPv4Header.AddressesLength;

    /// <summary>How many bytes the transport header and its payload have.</summary>
    public int TransportLength => End - TransportOffset;

    /// <summary>Finds the headers of <paramref name="frame"/>; never throws, whatever the bytes.</summary>
    public static PacketStatus Read(ReadOnlySpan<byte> frame, out PacketLayout layout)
    {
        layout = default;
        var offset = EthernetFrame.HeaderLength;
        if (frame.Length < offset || frame.Length > MaxFrameLength) return PacketStatus.NotIP;
        var type = EthernetFrame.EtherType(frame);
        for (var tags = 0; type is EtherTypes.CustomerVlan or EtherTypes.ServiceVlan; tags++)
        {
            offset += EthernetFrame.VlanTagLength;
            if (tags == MaxVlanTags || frame.Length < offset) return PacketStatus.NotIP;
            type = BinaryPrimitives.ReadUInt16BigEndian(frame[(offset - EtherTypeLength)..]);
        }

        return type switch
        {
            EtherTypes.IPv4 => ReadIPv4(frame, offset, out layout),
            EtherTypes.IPv6 => ReadIPv6(frame, offset, out layout),
            _ => PacketStatus.NotIP,
        };
    }

    /// <summary>The sum over the source and destination address, which both pseudo-headers start with (RFC 9293 section 3.1, RFC 8200 section 8.1).</summary>
    public ulong AddressSum(ReadOnlySpan<byte> frame) =>
        InternetChecksum.Sum(frame.Slice(AddressOffset, AddressesLength));

    private static PacketStatus ReadIPv4(ReadOnlySpan<byte> frame, int offset, out PacketLayout layout)
    {
        layout = default;
        var packet = frame[offset..];
        if (packet.Length < IPv4Header.MinLength || packet[0] >> 4 != 4) return PacketStatus.Malformed;
        var headerLength = (packet[0] & 0xf) * 4;
        var length = BinaryPrimitives.ReadUInt16BigEndian(packet[IPv4Header.TotalLength..]);
        if (headerLength < IPv4Header.MinLength || length < headerLength || length > packet.Length) return PacketStatus.Malformed;
        var isFragment = (BinaryPrimitives.ReadUInt16BigEndian(packet[IPv4Header.Fragment..]) & IPv4Header.IsFragment) != 0;
        layout = new PacketLayout(offset, offset + headerLength, offset + length, packet[IPv4Header.Protocol], false, isFragment);
        return PacketStatus.Whole;
    }

    private static PacketStatus ReadIPv6(ReadOnlySpan<byte> frame, int offset, out PacketLayout layout)
    {
        layout = default;
        var packet = frame[offset..];
        if (packet.Length < IPv6Header.Length || packet[0] >> 4 != 6) return PacketStatus.Malformed;
        var length = IPv6Header.Length + BinaryPrimitives.ReadUInt16BigEndian(packet[IPv6Header.PayloadLength..]);
        if (length > packet.Length) return PacketStatus.Malformed;
        packet = packet[..length];
        var protocol = packet[IPv6Header.NextHeader];
        var transport = IPv6Header.Length;
        while (protocol is IPProtocols.Routing or IPProtocols.DestinationOptions || (protocol is IPProtocols.HopByHop && transport == IPv6Header.Length))
        {
            if (packet.Length < transport + ExtensionUnit) return PacketStatus.Malformed;
            protocol = packet[transport];
            transport += (packet[transport + 1] + 1) * ExtensionUnit;
            if (packet.Length < transport || transport > IPv6Header.Length + MaxExtensionLength) return PacketStatus.Malformed;
        }

        layout = new PacketLayout(offset, offset + transport, offset + length, protocol, true, protocol is IPProtocols.Fragment);
        return PacketStatus.Whole;
    }
}
