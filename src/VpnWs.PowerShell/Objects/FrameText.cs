using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;

namespace VpnWs.PowerShell;

/// <summary>Says in a few words what is in a frame. What does not look as it should is not guessed at.</summary>
internal static class FrameText
{
    private const int IPv4 = 0x0800;
    private const int Arp = 0x0806;
    private const int IPv6 = 0x86dd;
    private const int ArpLength = 28;
    private const int IPv4Length = 20;
    private const int IPv6Length = 40;
    private const int MostText = 40;

    /// <summary>The name of an EtherType, or its number.</summary>
    public static string Protocol(int etherType) => etherType switch
    {
        IPv4 => "IPv4",
        Arp => "ARP",
        IPv6 => "IPv6",
        0x88a8 => "VLAN",
        0x88cc => "LLDP",
        0x8863 or 0x8864 => "PPPoE",
        < 0x600 => "LLC",
        _ => string.Create(CultureInfo.InvariantCulture, $"0x{etherType:x4}"),
    };

    /// <summary>What the payload says.</summary>
    public static string Info(int etherType, ReadOnlySpan<byte> payload) => etherType switch
    {
        Arp when payload.Length >= ArpLength => ArpInfo(payload),
        IPv4 when payload.Length >= IPv4Length && payload[0] >> 4 == 4 && payload.Length >= (payload[0] & 0xf) * 4 =>
            IPInfo(payload[12..16], payload[16..20], payload[9], payload[((payload[0] & 0xf) * 4)..]),
        IPv6 when payload.Length >= IPv6Length && payload[0] >> 4 == 6 =>
            IPInfo(payload[8..24], payload[24..40], payload[6], payload[IPv6Length..]),
        Arp or IPv4 or IPv6 => "",
        _ => Printable(payload),
    };

    private static string ArpInfo(ReadOnlySpan<byte> arp)
    {
        var (sender, target) = (new IPAddress(arp[14..18]), new IPAddress(arp[24..28]));
        return BinaryPrimitives.ReadUInt16BigEndian(arp[6..]) == 1 ? $"who has {target}? tell {sender}" : $"{sender} is at {Ethernet.MacAddress.Read(arp[8..])}";
    }

    private static string IPInfo(ReadOnlySpan<byte> source, ReadOnlySpan<byte> destination, byte protocol, ReadOnlySpan<byte> transport)
    {
        var name = protocol switch { 1 => "ICMP", 2 => "IGMP", 6 => "TCP", 17 => "UDP", 58 => "ICMPv6", _ => string.Create(CultureInfo.InvariantCulture, $"protocol {protocol}") };
        var ports = protocol is 6 or 17 && transport.Length >= 4
            ? string.Create(CultureInfo.InvariantCulture, $" {BinaryPrimitives.ReadUInt16BigEndian(transport)} > {BinaryPrimitives.ReadUInt16BigEndian(transport[2..])}")
            : "";
        return $"{new IPAddress(source)} > {new IPAddress(destination)} {name}{ports}";
    }

    private static string Printable(ReadOnlySpan<byte> payload)
    {
        var text = payload.TrimEnd((byte)0);
        if (text.Length > MostText) text = text[..MostText];
        return text.ContainsAnyExceptInRange((byte)' ', (byte)'~') ? "" : Encoding.ASCII.GetString(text);
    }
}
