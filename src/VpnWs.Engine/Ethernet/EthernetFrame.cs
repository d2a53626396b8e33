using System.Buffers.Binary;

namespace VpnWs.Ethernet;

/// <summary>Reads the header of an Ethernet II frame that starts with its destination address and has no FCS (IEEE 802.3 section 3).</summary>
public static class EthernetFrame
{
    /// <summary>Destination, source and EtherType: 14 bytes, the least that a frame can be.</summary>
    public const int HeaderLength = 14;

    /// <summary>A VLAN tag (IEEE 802.1Q): 4 bytes between the source address and the EtherType.</summary>
    public const int VlanTagLength = 4;

    /// <summary>The largest frame that the switch carries: 14 bytes of header and 65,535 of payload.</summary>
    public const int MaxLength = HeaderLength + ushort.MaxValue;

    // The addresses and the EtherType are 14 bytes together, so that each address can be read by one load of eight.

    /// <summary>Where the frame goes; the frame has at least <see cref="HeaderLength"/> bytes.</summary>
    public static MacAddress Destination(ReadOnlySpan<byte> frame) => new(BinaryPrimitives.ReadUInt64BigEndian(frame) >> 16);

    /// <summary>Where the frame comes from; the frame has at least <see cref="HeaderLength"/> bytes.</summary>
    public static MacAddress Source(ReadOnlySpan<byte> frame) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(frame[MacAddress.Length..]) >> 16);

    /// <summary>The EtherType, or the tag protocol identifier of a tagged frame; the frame has at least <see cref="HeaderLength"/> bytes.</summary>
    public static ushort EtherType(ReadOnlySpan<byte> frame) => BinaryPrimitives.ReadUInt16BigEndian(frame[(2 * MacAddress.Length)..]);
}
