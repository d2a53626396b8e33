using System.Buffers.Binary;
using VpnWs.Ethernet;

namespace VpnWs.Tests.Transport;

/// <summary>Stations and the frames between them, of a local experimental type (IEEE 802 section 9.2.3).</summary>
internal static class Ether
{
    public const int MaxLength = 65_549;

    private const ushort Experimental = 0x88b5;

    public static readonly MacAddress Multicast = MacAddress.Parse("01:00:5e:00:00:fb");

    /// <summary>The address 02:00:00:00:00:<paramref name="number"/>.</summary>
    public static MacAddress Mac(int number) => new(0x0200_0000_0000UL + (uint)number);

    /// <summary>A frame with random payload.</summary>
    public static byte[] Frame(MacAddress to, MacAddress from, int length = 60, int seed = 1)
    {
        var frame = new byte[length];
        new Random(seed).NextBytes(frame);
        to.CopyTo(frame);
        from.CopyTo(frame.AsSpan(6));
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), Experimental);
        return frame;
    }

    /// <summary>The frame with VLAN tags (IEEE 802.1Q) put in.</summary>
    public static byte[] Tagged(byte[] frame, params uint[] tags)
    {
        var bytes = tags.SelectMany(static tag => new[] { (byte)(tag >> 24), (byte)(tag >> 16), (byte)(tag >> 8), (byte)tag });
        return [.. frame[..12], .. bytes, .. frame[12..]];
    }
}
