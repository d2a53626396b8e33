using System.Buffers.Binary;
using System.Net;
using VpnWs.Ethernet;

namespace VpnWs.Switching.Guards;

/// <summary>The IP addresses that a port may send from, and the IPv6 link-local one that every station may make of its MAC (RFC 4291 appendix A).</summary>
internal sealed class SourceAddresses
{
    private const int IPv4Bits = 32;
    private const int IPv6Bits = 128;
    private const ulong LinkLocalPrefix = 0xfe80_0000_0000_0000;

    private readonly (uint Network, uint Mask)[] _v4;
    private readonly (UInt128 Network, UInt128 Mask)[] _v6;

    public SourceAddresses(IReadOnlyCollection<IPNetwork> networks)
    {
        _v4 = [.. networks.Where(static network => BitsOf(network) == IPv4Bits).Select(static network =>
            (BinaryPrimitives.ReadUInt32BigEndian(network.BaseAddress.GetAddressBytes()), (uint)(ulong.MaxValue << (IPv4Bits - network.PrefixLength))))];
        _v6 = [.. networks.Where(static network => BitsOf(network) == IPv6Bits).Select(static network =>
            (BinaryPrimitives.ReadUInt128BigEndian(network.BaseAddress.GetAddressBytes()), network.PrefixLength == 0 ? UInt128.Zero : UInt128.MaxValue << (IPv6Bits - network.PrefixLength)))];
    }

    /// <summary>Whether an IPv4 address is one of them.</summary>
    public bool Contains(uint address)
    {
        foreach (var (network, mask) in _v4)
        {
            if ((address & mask) == network) return true;
        }

        return false;
    }

    /// <summary>Whether an IPv6 address is one of them, or the link-local one of a station.</summary>
    public bool Contains(UInt128 address, MacAddress station)
    {
        foreach (var (network, mask) in _v6)
        {
            if ((address & mask) == network) return true;
        }

        return address == LinkLocalOf(station);
    }

    /// <summary>The link-local address whose interface identifier is the modified EUI-64 of a MAC.</summary>
    public static UInt128 LinkLocalOf(MacAddress station)
    {
        var value = station.Value ^ 0x0200_0000_0000;
        return new UInt128(LinkLocalPrefix, (value >> 24 << 40) | 0xff_fe00_0000 | (value & 0xff_ffff));
    }

    private static int BitsOf(IPNetwork network) => network.BaseAddress.GetAddressBytes().Length * 8;
}
