using System.Buffers.Binary;
using System.Net;
using VpnWs.Ethernet;
using VpnWs.Taps;

namespace VpnWs.Tests.Taps;

/// <summary>Lays out the few kinds of frame that make a kernel answer, and reads a tap with patience.</summary>
internal static class Frames
{
    internal const ushort Arp = 0x0806;
    internal const ushort IPv4 = 0x0800;
    internal const ushort IPv6 = 0x86dd;

    private const int Patience = 20_000;
    private const int Room = EthernetFrame.MaxLength + 10;
    private const byte Icmp = 1;
    private const byte Udp = 17;
    private const int IPHeader = 14;
    private const int IPPayload = 34;

    /// <summary>An ARP packet (RFC 826): operation 1 asks, 2 answers.</summary>
    internal static byte[] ArpPacket(ushort operation, MacAddress from, string fromIP, MacAddress to, string toIP)
    {
        var frame = new byte[42];
        Header(frame, operation == 1 ? MacAddress.Broadcast : to, from, Arp);
        byte[] fixedPart = [0, 1, 8, 0, 6, 4, 0, (byte)operation];
        fixedPart.CopyTo(frame, 14);
        from.CopyTo(frame.AsSpan(22));
        IPAddress.Parse(fromIP).GetAddressBytes().CopyTo(frame, 28);
        to.CopyTo(frame.AsSpan(32));
        IPAddress.Parse(toIP).GetAddressBytes().CopyTo(frame, 38);
        return frame;
    }

    /// <summary>An ICMP echo request (RFC 792) whose frame has this length.</summary>
    internal static byte[] EchoRequest(MacAddress from, string fromIP, MacAddress to, string toIP, int length)
    {
        var frame = new byte[length];
        new Random(length).NextBytes(frame);
        Header(frame, to, from, IPv4);
        IPv4Header(frame.AsSpan(IPHeader), fromIP, toIP, Icmp);
        var echo = frame.AsSpan(IPPayload);
        echo[0] = 8;
        echo[1] = 0;
        BinaryPrimitives.WriteUInt16BigEndian(echo[2..], 0);
        BinaryPrimitives.WriteUInt16BigEndian(echo[2..], Checksum(echo));
        return frame;
    }

    /// <summary>Whether the frame is an ICMP echo reply.</summary>
    internal static bool IsEchoReply(byte[] frame) => EtherType(frame) == IPv4 && frame[23] == Icmp && frame[IPPayload] == 0;

    /// <summary>Whether the frame is a UDP datagram over IPv4.</summary>
    internal static bool IsUdp(byte[] frame) => EtherType(frame) == IPv4 && frame[23] == Udp;

    internal static ushort EtherType(byte[] frame) => EthernetFrame.EtherType(frame);

    /// <summary>Reads until a frame is the one sought; others, which the kernel sends of its own accord, are passed over.</summary>
    internal static byte[] Seek(ITap tap, Predicate<byte[]> sought)
    {
        var buffer = new byte[Room];
        for (var end = Environment.TickCount64 + Patience; Environment.TickCount64 < end;)
        {
            var status = tap.Read(buffer, out var length);
            if (status == TapStatus.WouldBlock)
            {
                tap.Wait((int)Math.Max(0, end - Environment.TickCount64));
                continue;
            }

            Assert.Equal(TapStatus.Done, status);
            if (sought(buffer[..length])) return buffer[..length];
        }

        throw new TimeoutException("The frame sought did not come.");
    }

    /// <summary>Reads until nothing is left.</summary>
    internal static TapStatus Drain(ITap tap)
    {
        var buffer = new byte[Room];
        TapStatus status;
        do
        {
            status = tap.Read(buffer, out _);
        }
        while (status == TapStatus.Done);
        return status;
    }

    /// <summary>A broadcast frame of a local experimental type (IEEE 802 section 9.2.3) that no host answers.</summary>
    internal static byte[] Broadcast(int length, byte seed = 1)
    {
        var frame = new byte[length];
        new Random(seed).NextBytes(frame);
        Header(frame, MacAddress.Broadcast, MacAddress.Parse("02:00:00:00:00:99"), 0x88b5);
        return frame;
    }

    /// <summary>The Internet checksum (RFC 1071).</summary>
    internal static ushort Checksum(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        for (var i = 0; i < bytes.Length; i++) sum += i % 2 == 0 ? (uint)bytes[i] << 8 : bytes[i];
        while (sum > ushort.MaxValue) sum = (sum >> 16) + (sum & ushort.MaxValue);
        return (ushort)~sum;
    }

    private static void Header(byte[] frame, MacAddress to, MacAddress from, ushort type)
    {
        to.CopyTo(frame);
        from.CopyTo(frame.AsSpan(6));
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), type);
    }

    private static void IPv4Header(Span<byte> packet, string from, string to, byte protocol)
    {
        packet[..20].Clear();
        packet[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)packet.Length);
        packet[8] = 64;
        packet[9] = protocol;
        IPAddress.Parse(from).GetAddressBytes().CopyTo(packet[12..]);
        IPAddress.Parse(to).GetAddressBytes().CopyTo(packet[16..]);
        BinaryPrimitives.WriteUInt16BigEndian(packet[10..], Checksum(packet[..20]));
    }
}
