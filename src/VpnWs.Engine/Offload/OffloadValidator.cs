using System.Buffers.Binary;
using VpnWs.Ethernet;

namespace VpnWs.Offload;

/// <summary>
/// Tells whether a header that came over the network is one that a kernel could have written for that very frame, so that no other ever reaches
/// our own kernel. Headers are parsed from the frame, never believed; what Linux writes is in its <c>virtio_net_hdr_from_skb</c>.
/// </summary>
internal static class OffloadValidator
{
    /// <summary>The least payload of a TCP segment: what Linux itself keeps to (an MSS of 48 less 40 bytes of options).</summary>
    public const int MinTcpGsoSize = 8;

    /// <summary>
    /// The most segments of a TCP super-frame: 64 KiB in segments of 64 bytes. Fewer bytes a segment would let one message
    /// become many times its size in headers at every port without offload; real links have 536 and more.
    /// </summary>
    public const int MaxTcpSegments = 1024;

    /// <summary>The most segments of a UDP super-frame: Linux's own <c>UDP_MAX_SEGMENTS</c>.</summary>
    public const int MaxUdpSegments = 128;

    // The least Ethernet frame without FCS, with a tag: as far as a sender may have padded with zeros.
    private const int MaxPaddedLength = 60 + EthernetFrame.VlanTagLength;

    private const byte NeverInSuperFrame = TcpHeader.Syn | TcpHeader.Rst | TcpHeader.Urg;

    /// <summary>Whether <paramref name="header"/> is valid for <paramref name="frame"/>; if not, <paramref name="fault"/> says why.</summary>
    public static bool IsValid(in VirtioNetHeader header, ReadOnlySpan<byte> frame, out OffloadFault fault)
    {
        fault = Check(header, frame, out _);
        return fault is OffloadFault.None;
    }

    /// <summary>
    /// Validates as <see cref="IsValid"/> does and replaces <paramref name="header"/> with its one canonical form, the only one to be passed on:
    /// hdr_len exactly the length of the headers, no DATA_VALID (whoever gets the frame verifies it himself). False leaves it as it was.
    /// </summary>
    public static bool TryNormalize(ref VirtioNetHeader header, ReadOnlySpan<byte> frame, out OffloadFault fault)
    {
        fault = Check(header, frame, out var canonical);
        if (fault is not OffloadFault.None) return false;
        header = canonical;
        return true;
    }

    private static OffloadFault Check(in VirtioNetHeader header, ReadOnlySpan<byte> frame, out VirtioNetHeader canonical)
    {
        canonical = default;
        if (frame.Length < EthernetFrame.HeaderLength) return OffloadFault.FrameTooShort;
        if (frame.Length > PacketLayout.MaxFrameLength) return OffloadFault.FrameTooLong;
        const byte Known = VirtioNetHeader.NeedsChecksumFlag | VirtioNetHeader.DataValidFlag;
        if ((header.Flags & ~Known) != 0) return OffloadFault.UnknownFlag;
        if (header.Flags == Known) return OffloadFault.ContradictoryFlags;
        if (header.Segmentation is not (GsoType.None or GsoType.TcpV4 or GsoType.TcpV6 or GsoType.UdpL4)) return OffloadFault.UnknownGsoType;
        if (header.Segmentation != header.GsoType && header.Segmentation is not (GsoType.TcpV4 or GsoType.TcpV6)) return OffloadFault.StrayEcnBit;
        if (!header.IsSuperFrame && (header.HeaderLength | header.GsoSize) != 0) return OffloadFault.StrayGsoField;
        if (!header.NeedsChecksum && (header.ChecksumStart | header.ChecksumOffset) != 0) return OffloadFault.StrayChecksumField;
        if (!header.NeedsChecksum) return header.IsSuperFrame ? OffloadFault.FinishedSuperFrame : OffloadFault.None;

        var fault = CheckPacket(header, frame, out var layout, out var payloadOffset);
        if (fault is OffloadFault.None && header.IsSuperFrame) fault = CheckSuperFrame(header, frame, layout, payloadOffset);
        if (fault is not OffloadFault.None) return fault;
        canonical = header;
        if (header.IsSuperFrame) canonical.HeaderLength = (ushort)payloadOffset;
        return OffloadFault.None;
    }

    private static OffloadFault CheckPacket(in VirtioNetHeader header, ReadOnlySpan<byte> frame, out PacketLayout layout, out int payloadOffset)
    {
        payloadOffset = 0;
        var status = PacketLayout.Read(frame, out layout);
        if (status is not PacketStatus.Whole) return status is PacketStatus.NotIP ? OffloadFault.NotIP : OffloadFault.MalformedIP;
        if (layout.IsFragment) return OffloadFault.Fragment;
        if (header.IsSuperFrame && header.Segmentation != TypeOf(layout)) return OffloadFault.WrongGsoType;
        var isTcp = layout.Protocol == IPProtocols.Tcp;
        if (!isTcp && layout.Protocol != IPProtocols.Udp) return OffloadFault.NotTcpOrUdp;
        if (header.ChecksumStart != layout.TransportOffset) return OffloadFault.WrongChecksumStart;
        if (header.ChecksumOffset != (isTcp ? TcpHeader.Checksum : UdpHeader.Checksum)) return OffloadFault.WrongChecksumOffset;
        var transport = frame[layout.TransportOffset..layout.End];
        if (!TryGetHeaderLength(transport, isTcp, out var headerLength)) return OffloadFault.MalformedTransport;
        payloadOffset = layout.TransportOffset + headerLength;
        return IsPadding(frame, layout.End) ? OffloadFault.None : OffloadFault.TrailingBytes;
    }

    private static OffloadFault CheckSuperFrame(in VirtioNetHeader header, ReadOnlySpan<byte> frame, in PacketLayout layout, int payloadOffset)
    {
        if (layout.End != frame.Length) return OffloadFault.TrailingBytes;
        var network = frame[layout.NetworkOffset..layout.TransportOffset];
        if (!layout.IsIPv6 && InternetChecksum.Fold(InternetChecksum.Sum(network)) != InternetChecksum.Valid) return OffloadFault.BadIPChecksum;
        var isTcp = layout.Protocol == IPProtocols.Tcp;
        if (isTcp && (frame[layout.TransportOffset + TcpHeader.Flags] & NeverInSuperFrame) != 0) return OffloadFault.WrongTcpFlags;

        // Linux leaves out the tag that it keeps beside the frame and inserts only on the way to the tap.
        var least = payloadOffset - (layout.IsTagged ? EthernetFrame.VlanTagLength : 0);
        if (header.HeaderLength < least || header.HeaderLength > frame.Length) return OffloadFault.WrongHeaderLength;
        if (header.GsoSize < (isTcp ? MinTcpGsoSize : 1)) return OffloadFault.GsoSizeTooSmall;
        var payload = frame.Length - payloadOffset;
        if (payload <= header.GsoSize) return OffloadFault.OneSegment;
        return payload > header.GsoSize * (isTcp ? MaxTcpSegments : MaxUdpSegments) ? OffloadFault.TooManySegments : OffloadFault.None;
    }

    private static GsoType TypeOf(in PacketLayout layout) => layout.Protocol switch
    {
        IPProtocols.Tcp => layout.IsIPv6 ? GsoType.TcpV6 : GsoType.TcpV4,
        IPProtocols.Udp => GsoType.UdpL4,
        _ => GsoType.None,
    };

    private static bool TryGetHeaderLength(ReadOnlySpan<byte> transport, bool isTcp, out int length)
    {
        length = UdpHeader.HeaderLength;
        if (!isTcp) return transport.Length >= length && BinaryPrimitives.ReadUInt16BigEndian(transport[UdpHeader.Length..]) == transport.Length;
        if (transport.Length < TcpHeader.MinLength) return false;
        length = TcpHeader.LengthOf(transport);
        return length >= TcpHeader.MinLength && length <= transport.Length;
    }

    private static bool IsPadding(ReadOnlySpan<byte> frame, int end) =>
        end == frame.Length || (frame.Length <= MaxPaddedLength && !frame[end..].ContainsAnyExcept((byte)0));
}
