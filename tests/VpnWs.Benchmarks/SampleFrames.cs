using System.Buffers.Binary;
using VpnWs.Ethernet;
using VpnWs.Offload;
using VpnWs.WebSockets;

namespace VpnWs.Benchmarks;

/// <summary>Frames and messages to measure with.</summary>
internal static class SampleFrames
{
    public const int Small = 64;
    public const int Full = 1514;
    public const int Super = HeaderLength + (45 * SegmentPayload);

    public const int SegmentPayload = 1448;
    public const uint MaskKey = 0x5ac3_17e8;

    private const int TcpLength = 32;
    private const int TransportOffset = EthernetFrame.HeaderLength + IPv4Header.MinLength;
    private const int HeaderLength = TransportOffset + TcpLength;
    private static readonly byte[] TcpOptions = [1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2];

    /// <summary>A frame of some length between two stations, of no particular protocol.</summary>
    public static byte[] Between(MacAddress source, MacAddress destination, int length)
    {
        var frame = new byte[length];
        new Random(length).NextBytes(frame);
        destination.CopyTo(frame);
        source.CopyTo(frame.AsSpan(MacAddress.Length));
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2 * MacAddress.Length), 0x88b5);
        return frame;
    }

    /// <summary>A TCP super-frame of 64 KiB as a tap gives it: 45 segments, the checksum unfinished.</summary>
    public static (VirtioNetHeader Header, byte[] Frame) TcpSuperFrame(MacAddress source, MacAddress destination)
    {
        var frame = Between(source, destination, Super);
        var span = frame.AsSpan();
        BinaryPrimitives.WriteUInt16BigEndian(span[(2 * MacAddress.Length)..], EtherTypes.IPv4);
        var network = span[EthernetFrame.HeaderLength..TransportOffset];
        network.Clear();
        network[0] = IPv4Header.VersionWithoutOptions;
        BinaryPrimitives.WriteUInt16BigEndian(network[IPv4Header.TotalLength..], (ushort)(Super - EthernetFrame.HeaderLength));
        network[IPv4Header.TimeToLive] = 64;
        network[IPv4Header.Protocol] = IPProtocols.Tcp;
        InternetChecksum.Write(network[IPv4Header.Checksum..], InternetChecksum.Finish(InternetChecksum.Sum(network)));
        var transport = span[TransportOffset..];
        transport[TcpHeader.DataOffset] = (TcpLength / 4) << 4;
        transport[TcpHeader.Flags] = TcpHeader.Ack;
        TcpOptions.CopyTo(transport[TcpHeader.MinLength..]);
        var pseudoHeader = InternetChecksum.Of(IPProtocols.Tcp) + InternetChecksum.Of(transport.Length)
            + InternetChecksum.Sum(network.Slice(IPv4Header.Addresses, IPv4Header.AddressesLength));
        InternetChecksum.Write(transport[TcpHeader.Checksum..], InternetChecksum.Fold(pseudoHeader));
        var header = new VirtioNetHeader
        {
            Flags = VirtioNetHeader.NeedsChecksumFlag,
            GsoType = GsoType.TcpV4,
            HeaderLength = HeaderLength,
            GsoSize = SegmentPayload,
            ChecksumStart = TransportOffset,
            ChecksumOffset = TcpHeader.Checksum,
        };
        return (header, frame);
    }

    /// <summary>As many masked binary messages with that payload as fit into 128 KiB, and at least one.</summary>
    public static byte[] MaskedMessages(ReadOnlySpan<byte> payload, out int count)
    {
        var message = new byte[FrameWriter.HeaderLength(payload.Length, masked: true) + payload.Length];
        var header = FrameWriter.WriteHeader(message, Opcode.Binary, payload.Length, MaskKey);
        Masking.Apply(payload, message.AsSpan(header), MaskKey);
        count = Math.Max(1, 128 * 1024 / message.Length);
        var all = new byte[count * message.Length];
        for (var i = 0; i < count; i++) message.CopyTo(all, i * message.Length);
        return all;
    }
}
