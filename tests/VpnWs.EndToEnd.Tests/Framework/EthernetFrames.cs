using System.Globalization;

namespace VpnWs.Tests.Framework;

/// <summary>Ethernet frames made by hand, with an EtherType for local experiments so that no kernel answers them.</summary>
internal static class EthernetFrames
{
    public const string Broadcast = "ff:ff:ff:ff:ff:ff";
    private const ushort LocalExperiment = 0x88B5;
    private const ushort ArpType = 0x0806;

    /// <summary>Ethernet and IPv4, with addresses of 6 and 4 bytes.</summary>
    private static readonly byte[] ArpForIPv4 = [0, 1, 8, 0, 6, 4];

    public static byte[] Build(string destination, string source, byte[] payload, ushort type = LocalExperiment) =>
        [.. Bytes(destination), .. Bytes(source), (byte)(type >> 8), (byte)type, .. payload];

    /// <summary>A frame of a given length with a mark in its payload, by which a receiver tells it from others.</summary>
    public static byte[] Marked(string destination, string source, byte mark, int length = 64)
    {
        var payload = new byte[length - 14];
        Array.Fill(payload, mark);
        return Build(destination, source, payload);
    }

    /// <summary>The question who has an IPv4 address (RFC 826).</summary>
    public static byte[] ArpRequest(string source, string from, string wanted) =>
        Build(Broadcast, source, [.. ArpForIPv4, 0, 1, .. Bytes(source), .. Address4(from), .. new byte[6], .. Address4(wanted)], ArpType);

    public static bool IsArpReply(byte[] frame, string to) =>
        frame.Length >= 42 && frame.AsSpan(12, 10).SequenceEqual((byte[])[ArpType >> 8, ArpType & 255, .. ArpForIPv4, 0, 2]) && frame.AsSpan(38, 4).SequenceEqual(Address4(to));

    /// <summary>A locally administered unicast address with a number in it.</summary>
    public static string Address(int number) => $"02:00:00:00:{number >> 8:x2}:{number & 255:x2}";

    private static byte[] Address4(string address) => System.Net.IPAddress.Parse(address).GetAddressBytes();

    private static IEnumerable<byte> Bytes(string address) => address.Split(':').Select(part => byte.Parse(part, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
}
