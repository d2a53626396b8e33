using System.Buffers.Binary;

namespace VpnWs.Ethernet;

/// <summary>
/// Finds the header behind that of IPv4 with its options (RFC 791), or of IPv6 with its extension headers (RFC 8200 section 4), as a guard must: a fragment's
/// own bytes alone count, and what lies beyond the length that the packet claims does not (RFC 7113 section 3).
/// </summary>
internal readonly struct UpperHeader
{
    /// <summary>How many IPv6 extension headers are looked behind; hosts may refuse fewer (RFC 8504 section 5.3).</summary>
    public const int MaxExtensions = 16;

    private const int ExtensionUnit = 8;
    private const int AuthenticationUnit = 4;
    private const ushort IPv6FragmentOffset = 0xfff8;

    private UpperHeader(HeaderStatus status, byte protocol = 0, int offset = 0, int end = 0, bool isFragment = false, bool isCut = false)
    {
        Status = status;
        IsCut = isCut;
        Protocol = protocol;
        Offset = offset;
        End = end;
        IsFragment = isFragment;
    }

    /// <summary>Whether the header was found.</summary>
    public HeaderStatus Status { get; }

    /// <summary>What it is a header of.</summary>
    public byte Protocol { get; }

    /// <summary>Where it starts, in bytes from the start of the packet.</summary>
    public int Offset { get; }

    /// <summary>Where the packet ends: by its own length, or where the bytes do.</summary>
    public int End { get; }

    /// <summary>Whether the packet claims to be longer than the bytes that are there.</summary>
    public bool IsCut { get; }

    /// <summary>Whether the packet is a fragment, and the first.</summary>
    public bool IsFragment { get; }

    /// <summary>Reads an IPv4 packet, or as much of it as is there.</summary>
    public static UpperHeader ReadIPv4(ReadOnlySpan<byte> packet)
    {
        if (packet.Length < IPv4Header.MinLength) return new UpperHeader(HeaderStatus.Truncated);
        var headerLength = (packet[0] & 0xf) * 4;
        var length = BinaryPrimitives.ReadUInt16BigEndian(packet[IPv4Header.TotalLength..]);
        if (packet[0] >> 4 != 4 || headerLength < IPv4Header.MinLength || length < headerLength) return new UpperHeader(HeaderStatus.Malformed);
        var end = Math.Min(length, packet.Length);
        if (end < headerLength) return new UpperHeader(HeaderStatus.Truncated);
        var fragment = BinaryPrimitives.ReadUInt16BigEndian(packet[IPv4Header.Fragment..]);
        var status = (fragment & IPv4Header.FragmentOffset) == 0 ? HeaderStatus.Whole : HeaderStatus.LaterFragment;
        return new UpperHeader(status, packet[IPv4Header.Protocol], headerLength, end, (fragment & IPv4Header.IsFragment) != 0, length > end);
    }

    /// <summary>Reads an IPv6 packet, or as much of it as is there.</summary>
    public static UpperHeader ReadIPv6(ReadOnlySpan<byte> packet)
    {
        if (packet.Length < IPv6Header.Length) return new UpperHeader(HeaderStatus.Truncated);
        if (packet[0] >> 4 != 6) return new UpperHeader(HeaderStatus.Malformed);
        var length = IPv6Header.Length + BinaryPrimitives.ReadUInt16BigEndian(packet[IPv6Header.PayloadLength..]);
        var end = Math.Min(length, packet.Length);
        var protocol = packet[IPv6Header.NextHeader];
        var offset = IPv6Header.Length;
        var isFragment = false;
        for (var extensions = 0; IsExtension(protocol); extensions++)
        {
            if (extensions == MaxExtensions) return new UpperHeader(HeaderStatus.Unknown, protocol, offset, end, isFragment, length > end);
            if (end < offset + ExtensionUnit) return new UpperHeader(HeaderStatus.Truncated, protocol, offset, end, isFragment, length > end);
            var header = packet[offset..];
            if (protocol == IPProtocols.Fragment)
            {
                isFragment = true;
                if ((BinaryPrimitives.ReadUInt16BigEndian(header[2..]) & IPv6FragmentOffset) != 0) return new UpperHeader(HeaderStatus.LaterFragment, header[0], offset, end, true, length > end);
                offset += ExtensionUnit;
            }
            else
            {
                offset += protocol == IPProtocols.Authentication ? (header[1] + 2) * AuthenticationUnit : (header[1] + 1) * ExtensionUnit;
            }

            protocol = header[0];
        }

        if (!IsKnown(protocol)) return new UpperHeader(HeaderStatus.Unknown, protocol, offset, end, isFragment, length > end);
        return new UpperHeader(end < offset ? HeaderStatus.Truncated : HeaderStatus.Whole, protocol, offset, end, isFragment, length > end);
    }

    private static bool IsExtension(byte protocol) => protocol is IPProtocols.HopByHop or IPProtocols.Routing or IPProtocols.Fragment or IPProtocols.Authentication
        or IPProtocols.DestinationOptions or IPProtocols.Mobility or IPProtocols.HostIdentity or IPProtocols.Shim6;

    // Protocols that end the chain (IANA). Anything else may be a header of a kind yet to come, behind which more could hide.
    private static bool IsKnown(byte protocol) => protocol is IPProtocols.Tcp or IPProtocols.Udp or IPProtocols.IcmpV6
        or 4 or 33 or 41 or 46 or 47 or 50 or 59 or 88 or 89 or 94 or 97 or 103 or 108 or 112 or 115 or 132 or 136 or 137 or 143;
}
