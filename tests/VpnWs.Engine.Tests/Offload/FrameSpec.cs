using System.Buffers.Binary;
using VpnWs.Offload;

namespace VpnWs.Tests.Offload;

/// <summary>Says what a TCP or UDP frame is made of and writes it out, field by field and with naive checksums; a super-frame where the payload is longer than a segment.</summary>
internal sealed record FrameSpec
{
    public static readonly byte[] Timestamps = [1, 1, 8, 10, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88];

    public bool IsIPv6 { get; init; }

    public bool IsUdp { get; init; }

    public uint[] Tags { get; init; } = [];

    public byte[] NetworkOptions { get; init; } = [];

    public byte[] TcpOptions { get; init; } = [];

    public byte TypeOfService { get; init; }

    public byte TimeToLive { get; init; } = 64;

    public ushort Identification { get; init; } = 0x1234;

    public ushort Fragment { get; init; } = 0x4000;

    public ushort SourcePort { get; init; } = 1000;

    public uint Sequence { get; init; } = 0xffff_fff0;

    public uint Acknowledgment { get; init; } = 7;

    public byte Flags { get; init; } = 0x10;

    public ushort Window { get; init; } = 500;

    public byte[] Payload { get; init; } = [];

    public int GsoSize { get; init; } = 1000;

    public int NetworkOffset => 14 + (4 * Tags.Length);

    public int TransportOffset => NetworkOffset + (IsIPv6 ? 40 : 20) + NetworkOptions.Length;

    public int HeaderLength => TransportOffset + (IsUdp ? 8 : 20 + TcpOptions.Length);

    public byte Protocol => (byte)(IsUdp ? 17 : 6);

    public static byte[] Bytes(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>The header as a kernel writes it for the super-frame.</summary>
    public VirtioNetHeader SuperHeader() => PartialHeader() with
    {
        GsoType = IsUdp ? GsoType.UdpL4 : (IsIPv6 ? GsoType.TcpV6 : GsoType.TcpV4) | ((Flags & 0x80) != 0 ? GsoType.EcnBit : 0),
        HeaderLength = (ushort)HeaderLength,
        GsoSize = (ushort)GsoSize,
    };

    /// <summary>The header as a kernel writes it for a frame with an unfinished checksum.</summary>
    public VirtioNetHeader PartialHeader() =>
        new() { Flags = 1, ChecksumStart = (ushort)TransportOffset, ChecksumOffset = (ushort)(IsUdp ? 6 : 16) };

    /// <summary>The frame with its checksum unfinished: the field holds the sum of the pseudo-header.</summary>
    public byte[] Unfinished() => Write(finish: false);

    /// <summary>The frame with all checksums finished.</summary>
    public byte[] Finished() => Write(finish: true);

    /// <summary>The frames that the super-frame stands for, each written from scratch.</summary>
    public List<byte[]> Segments()
    {
        var segments = new List<byte[]>();
        for (var at = 0; at < Payload.Length; at += GsoSize)
        {
            var flags = Flags;
            if (at > 0) flags &= 0x7f;
            if (at + GsoSize < Payload.Length) flags &= 0xf6;
            var segment = this with
            {
                Identification = (ushort)(Identification + segments.Count),
                Sequence = Sequence + (uint)at,
                Flags = flags,
                Payload = Payload[at..Math.Min(at + GsoSize, Payload.Length)],
            };
            segments.Add(segment.Finished());
        }

        return segments;
    }

    private byte[] Write(bool finish)
    {
        var transport = IsUdp ? Udp() : Tcp();
        var network = IsIPv6 ? IPv6(transport.Length) : IPv4(transport.Length);
        var addresses = IsIPv6 ? network[8..40] : network[12..20];
        var pseudoHeader = Naive.PseudoHeader(addresses, Protocol, transport.Length);
        var checksum = finish ? Naive.Complement(pseudoHeader, transport) : Naive.Sum(pseudoHeader);
        if (finish && IsUdp && checksum == 0) checksum = 0xffff;
        BinaryPrimitives.WriteUInt16BigEndian(transport.AsSpan(IsUdp ? 6 : 16), checksum);
        byte[] tags = [.. Tags.SelectMany(BigEndian)];
        byte[] type = IsIPv6 ? [0x86, 0xdd] : [0x08, 0x00];
        return [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, .. tags, .. type, .. network, .. transport];
    }

    private byte[] IPv4(int transportLength)
    {
        byte[] header = [(byte)(0x45 + (NetworkOptions.Length / 4)), TypeOfService, 0, 0, 0, 0, 0, 0, TimeToLive, Protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, .. NetworkOptions];
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), (ushort)(header.Length + transportLength));
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(4), Identification);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(6), Fragment);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(10), Naive.Complement(header));
        return header;
    }

    // An extension header starts with the type of the next one; the options are given with the type of the first in front, and the last names the protocol.
    private byte[] IPv6(int transportLength)
    {
        byte[] addresses = [0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2];
        byte[] header = [.. BigEndian(0x6001_2345 | ((uint)TypeOfService << 20)), 0, 0, Protocol, TimeToLive, .. addresses, .. NetworkOptions];
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(4), (ushort)(header.Length - 40 + transportLength));
        if (NetworkOptions.Length > 0) header[6] = 60;
        return header;
    }

    private byte[] Tcp() =>
    [
        (byte)(SourcePort >> 8), (byte)SourcePort, 0x07, 0xd0, .. BigEndian(Sequence), .. BigEndian(Acknowledgment),
        (byte)((20 + TcpOptions.Length) << 2), Flags, (byte)(Window >> 8), (byte)Window, 0, 0, 0, 0, .. TcpOptions, .. Payload,
    ];

    private byte[] Udp()
    {
        var length = 8 + Payload.Length;
        return [(byte)(SourcePort >> 8), (byte)SourcePort, 0x07, 0xd0, (byte)(length >> 8), (byte)length, 0, 0, .. Payload];
    }

    private static byte[] BigEndian(uint value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];
}
