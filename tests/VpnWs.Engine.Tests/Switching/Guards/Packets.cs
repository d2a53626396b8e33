using System.Buffers.Binary;
using System.Net;
using VpnWs.Ethernet;

namespace VpnWs.Tests.Switching.Guards;

/// <summary>Packets made by hand, header by header: each makes the bytes from its own header on, and a frame around all.</summary>
internal static class Packets
{
    public static readonly MacAddress Own = new(0x0200_0000_000a);
    public static readonly MacAddress Other = new(0x0200_0000_000b);

    /// <summary>The link-local address that <see cref="Own"/> makes for itself (RFC 4291 appendix A).</summary>
    public const string OwnLinkLocal = "fe80::ff:fe00:a";

    public static byte[] Frame(ushort type, byte[] payload, params string[] layers)
    {
        var frame = new List<byte>();
        frame.AddRange(Convert.FromHexString("ffffffffffff"));
        frame.AddRange(Mac(Own));
        foreach (var layer in layers)
        {
            frame.AddRange(layer switch
            {
                "vlan" => Convert.FromHexString("8100000a"),
                "vlan0" => Convert.FromHexString("81000000"),
                "service" => Convert.FromHexString("88a80014"),
                "snap" => Convert.FromHexString("0100aaaa03000000"),
                _ => Convert.FromHexString("0100aaaa030000f8"),
            });
        }

        frame.AddRange(U16(type));
        frame.AddRange(payload);
        return [.. frame];
    }

    public static byte[] IPv4(string source, byte protocol, byte[] payload, int options = 0, int fragment = 0, int? length = null)
    {
        var header = new byte[20 + options];
        header[0] = (byte)(0x40 | (header.Length / 4));
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), (ushort)(length ?? header.Length + payload.Length));
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(6), (ushort)fragment);
        header[9] = protocol;
        IPAddress.Parse(source).GetAddressBytes().CopyTo(header, 12);
        IPAddress.Broadcast.GetAddressBytes().CopyTo(header, 16);
        header.AsSpan(20).Fill(1);
        return [.. header, .. payload];
    }

    /// <summary>An IPv6 packet; each extension is <c>number</c> or <c>number:units</c>, a fragment header <c>44:first</c>, <c>44:later</c> or <c>44:whole</c>.</summary>
    public static byte[] IPv6(string source, byte protocol, byte[] payload, string extensions = "", byte hopLimit = 255, int? length = null)
    {
        var kinds = extensions.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var chain = new List<byte>();
        for (var i = 0; i < kinds.Length; i++)
        {
            var next = i + 1 < kinds.Length ? Number(kinds[i + 1]) : protocol;
            var detail = kinds[i].Contains(':') ? kinds[i].Split(':')[1] : "0";
            chain.AddRange(Number(kinds[i]) switch
            {
                44 => [next, 0, 0, (byte)(detail switch { "first" => 1, "later" => 8, _ => 0 }), 0, 0, 0, 1],
                51 => [next, 4, .. new byte[22]],
                _ => [next, byte.Parse(detail), .. new byte[6 + (8 * int.Parse(detail))]],
            });
        }

        var header = new byte[40];
        header[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(4), (ushort)(length ?? chain.Count + payload.Length));
        header[6] = kinds.Length > 0 ? Number(kinds[0]) : protocol;
        header[7] = hopLimit;
        IPAddress.Parse(source).GetAddressBytes().CopyTo(header, 8);
        IPAddress.Parse("ff02::1").GetAddressBytes().CopyTo(header, 24);
        return [.. header, .. chain, .. payload];
    }

    public static byte[] Udp(int source, int destination, int payload = 24) => [.. U16(source), .. U16(destination), .. U16(8 + payload), 0, 0, .. new byte[payload]];

    public static byte[] Arp(MacAddress hardware, string sender, string target = "10.0.0.1") =>
        [0, 1, 8, 0, 6, 4, 0, 1, .. Mac(hardware), .. IPAddress.Parse(sender).GetAddressBytes(), .. new byte[6], .. IPAddress.Parse(target).GetAddressBytes()];

    /// <summary>A message of Neighbor Discovery, with a target where its kind has one.</summary>
    public static byte[] Neighbor(byte type, string? target, params byte[][] options) =>
        [type, 0, 0, 0, 0, 0, 0, 0, .. target is null ? [] : IPAddress.Parse(target).GetAddressBytes(), .. options.SelectMany(static option => option)];

    public static byte[] LinkLayer(byte type, MacAddress address) => [type, 1, .. Mac(address)];

    public static byte[] Mac(MacAddress address)
    {
        var bytes = new byte[MacAddress.Length];
        address.CopyTo(bytes);
        return bytes;
    }

    private static byte Number(string extension) => byte.Parse(extension.Split(':')[0]);

    private static byte[] U16(int value) => [(byte)(value >> 8), (byte)value];
}
