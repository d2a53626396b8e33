using System.Buffers.Binary;

namespace VpnWs.Ethernet;

/// <summary>Tells by their UDP ports which way DHCP messages go (RFC 2131 section 4.1, RFC 8415 section 7.2).</summary>
internal static class DhcpPorts
{
    /// <summary>How many bytes of a UDP header must be there.</summary>
    public const int NeededLength = UdpHeader.HeaderLength;

    private const ushort ServerV4 = 67;
    private const ushort ClientV4 = 68;
    private const ushort ClientV6 = 546;
    private const ushort ServerV6 = 547;

    /// <summary>Whether a datagram is a server's or a relay's: it goes to clients, whatever port it comes from, or it comes from a server's port.</summary>
    public static bool IsFromServer(ReadOnlySpan<byte> udp, bool isIPv6) => isIPv6
        ? Destination(udp) == ClientV6 || Source(udp) == ServerV6
        : Destination(udp) == ClientV4 || Source(udp) == ServerV4;

    /// <summary>Whether a datagram is one that a DHCPv4 client may send before it has an address.</summary>
    public static bool IsFromClient(ReadOnlySpan<byte> udp) => Source(udp) == ClientV4 && Destination(udp) == ServerV4;

    private static ushort Source(ReadOnlySpan<byte> udp) => BinaryPrimitives.ReadUInt16BigEndian(udp);

    private static ushort Destination(ReadOnlySpan<byte> udp) => BinaryPrimitives.ReadUInt16BigEndian(udp[2..]);
}
