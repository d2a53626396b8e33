using System.Buffers.Binary;

namespace VpnWs.Tests.Offload;

/// <summary>Checksums the slow and plain way, sharing nothing with what is tested: byte by byte, in network order (RFC 1071 section 1).</summary>
internal static class Naive
{
    public static ushort Sum(params ReadOnlySpan<byte[]> parts)
    {
        var total = 0;
        var high = true;
        foreach (var part in parts)
        {
            foreach (var value in part)
            {
                total += high ? value * 256 : value;
                if (total > 0xffff) total -= 0xffff;
                high = !high;
            }
        }

        return (ushort)total;
    }

    public static ushort Complement(params ReadOnlySpan<byte[]> parts) => (ushort)(0xffff - Sum(parts));

    public static byte[] PseudoHeader(byte[] addresses, byte protocol, int length) =>
        [.. addresses, (byte)(length >> 24), (byte)(length >> 16), (byte)(length >> 8), (byte)length, 0, 0, 0, protocol];

    /// <summary>Whether every checksum of a finished TCP or UDP frame is right, given where its headers start.</summary>
    public static bool ChecksumsAreRight(byte[] frame, int network, int transport)
    {
        var isIPv6 = frame[network] >> 4 == 6;
        if (!isIPv6 && Sum(frame[network..transport]) != 0xffff) return false;
        var protocol = isIPv6 ? LastNextHeader(frame, network, transport) : frame[network + 9];
        var addresses = isIPv6 ? frame[(network + 8)..(network + 40)] : frame[(network + 12)..(network + 20)];
        var segment = frame[transport..];
        var field = BinaryPrimitives.ReadUInt16BigEndian(segment.AsSpan(protocol == 6 ? 16 : 6));
        return (protocol == 6 || field != 0) && Sum(PseudoHeader(addresses, protocol, segment.Length), segment) == 0xffff;
    }

    private static byte LastNextHeader(byte[] frame, int network, int transport)
    {
        var next = frame[network + 6];
        for (var at = network + 40; at < transport; at += (frame[at + 1] + 1) * 8) next = frame[at];
        return next;
    }
}
