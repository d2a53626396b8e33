using System.Buffers.Binary;

namespace VpnWs.Ethernet;

/// <summary>Reads ARP for IPv4 over Ethernet (RFC 826).</summary>
internal static class ArpPacket
{
    /// <summary>How many bytes it has.</summary>
    public const int Length = 28;

    private const int SenderHardware = 8;
    private const int SenderProtocol = 14;
    private const int TargetProtocol = 24;

    // Ethernet, IPv4, six bytes, four bytes.
    private const ulong Kind = 0x0001_0800_0604;

    /// <summary>Reads who the sender says it is.</summary>
    /// <param name="packet">The packet, or as much of it as is there.</param>
    /// <param name="hardware">The sender's hardware address.</param>
    /// <param name="address">The IPv4 address that the sender has or, in a probe (RFC 5227), is about to take.</param>
    public static HeaderStatus Read(ReadOnlySpan<byte> packet, out MacAddress hardware, out uint address)
    {
        (hardware, address) = (default, 0);
        if (packet.Length < Length) return HeaderStatus.Truncated;
        if (BinaryPrimitives.ReadUInt64BigEndian(packet) >> 16 != Kind) return HeaderStatus.Malformed;
        hardware = MacAddress.Read(packet[SenderHardware..]);
        address = BinaryPrimitives.ReadUInt32BigEndian(packet[SenderProtocol..]);
        if (address == 0) address = BinaryPrimitives.ReadUInt32BigEndian(packet[TargetProtocol..]);
        return HeaderStatus.Whole;
    }
}
