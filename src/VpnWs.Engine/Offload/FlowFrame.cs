using System.Buffers.Binary;
using System.Runtime.InteropServices;
using VpnWs.Ethernet;

namespace VpnWs.Offload;

/// <summary>A TCP or UDP frame as the <see cref="Coalescer"/> looks at it: which flow it belongs to, and whether it can be part of a super-frame.</summary>
internal readonly ref struct FlowFrame
{
    private const int PortsLength = 4;
    private const ulong Mix = 0x9e37_79b9_7f4a_7c15;
    private const byte NeverMerged = TcpHeader.Syn | TcpHeader.Rst | TcpHeader.Urg;

    private FlowFrame(scoped in VirtioNetHeader header, ReadOnlySpan<byte> frame, scoped in PacketLayout layout)
    {
        Header = header;
        Frame = frame;
        Layout = layout;
        var key = 0UL;
        foreach (var part in MemoryMarshal.Cast<byte, ulong>(Addresses)) key = (key ^ part) * Mix;
        Key = (key ^ MemoryMarshal.Read<uint>(Ports)) * Mix;
    }

    /// <summary>What is unfinished in the frame.</summary>
    public VirtioNetHeader Header { get; }

    /// <summary>The whole frame.</summary>
    public ReadOnlySpan<byte> Frame { get; }

    /// <summary>Where its headers lie.</summary>
    public PacketLayout Layout { get; }

    /// <summary>A hash over addresses and ports.</summary>
    public ulong Key { get; }

    /// <summary>Where the payload starts; zero where the frame cannot be part of a super-frame.</summary>
    public int PayloadOffset { get; private init; }

    /// <summary>Whether the frame can be part of a super-frame, if its checksum proves right.</summary>
    public bool IsMergeable => PayloadOffset != 0;

    public bool IsTcp => Layout.Protocol == IPProtocols.Tcp;

    public ReadOnlySpan<byte> Network => Frame[Layout.NetworkOffset..Layout.TransportOffset];

    /// <summary>The TCP or UDP header; only of a mergeable frame.</summary>
    public ReadOnlySpan<byte> Transport => Frame[Layout.TransportOffset..PayloadOffset];

    public ReadOnlySpan<byte> Payload => Frame[PayloadOffset..];

    /// <summary>Source and destination address.</summary>
    public ReadOnlySpan<byte> Addresses => Frame.Slice(Layout.AddressOffset, Layout.AddressesLength);

    /// <summary>Source and destination port.</summary>
    public ReadOnlySpan<byte> Ports => Frame.Slice(Layout.TransportOffset, PortsLength);

    /// <summary>Looks at a frame; false where it belongs to no flow that is known here. <paramref name="isFragment"/> tells those that may belong to any.</summary>
    public static bool TryRead(scoped in VirtioNetHeader header, ReadOnlySpan<byte> frame, bool mergeUdp, out FlowFrame flow, out bool isFragment)
    {
        flow = default;
        isFragment = false;
        if (PacketLayout.Read(frame, out var layout) is not PacketStatus.Whole) return false;
        isFragment = layout.IsFragment;
        var isTcp = layout.Protocol == IPProtocols.Tcp;
        if (isFragment || !(isTcp || layout.Protocol == IPProtocols.Udp) || layout.TransportLength < PortsLength) return false;
        flow = new FlowFrame(header, frame, layout);
        if (layout.End != frame.Length || layout.HasOptions || !IsFinishable(header, layout, isTcp)) return true;
        if (!layout.IsIPv6 && InternetChecksum.Fold(InternetChecksum.Sum(flow.Network)) != InternetChecksum.Valid) return true;
        // Whoever listens for broadcasts or multicasts below the sockets, as a DHCP client does, sees a super-frame as it is and would take it for one datagram.
        mergeUdp &= !EthernetFrame.Destination(frame).IsGroup;
        var length = isTcp ? MeasureTcp(frame[layout.TransportOffset..]) : mergeUdp ? MeasureUdp(header, frame[layout.TransportOffset..]) : 0;
        if (length != 0) flow = flow with { PayloadOffset = layout.TransportOffset + length };
        return true;
    }

    private static bool IsFinishable(in VirtioNetHeader header, in PacketLayout layout, bool isTcp) =>
        !header.IsSuperFrame
        && (!header.NeedsChecksum
            || (header.ChecksumStart == layout.TransportOffset && header.ChecksumOffset == (isTcp ? TcpHeader.Checksum : UdpHeader.Checksum)));

    private static int MeasureTcp(ReadOnlySpan<byte> segment)
    {
        if (segment.Length <= TcpHeader.MinLength || (segment[TcpHeader.Flags] & NeverMerged) != 0) return 0;
        var length = TcpHeader.LengthOf(segment);
        return length >= TcpHeader.MinLength && length < segment.Length ? length : 0;
    }

    private static int MeasureUdp(in VirtioNetHeader header, ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length <= UdpHeader.HeaderLength || BinaryPrimitives.ReadUInt16BigEndian(datagram[UdpHeader.Length..]) != datagram.Length) return 0;

        // A datagram without a checksum (RFC 768) would come out of the super-frame with one.
        return header.NeedsChecksum || InternetChecksum.Read(datagram[UdpHeader.Checksum..]) != 0 ? UdpHeader.HeaderLength : 0;
    }
}
