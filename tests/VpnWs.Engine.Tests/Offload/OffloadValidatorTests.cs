using VpnWs.Offload;

namespace VpnWs.Tests.Offload;

public sealed class OffloadValidatorTests
{
    private const int Network = 14;
    private const int Transport = 34;

    private static readonly FrameSpec Tcp4 = new() { Payload = FrameSpec.Bytes(5000) };
    private static readonly FrameSpec Tcp6 = Tcp4 with { IsIPv6 = true };
    private static readonly FrameSpec Udp4 = Tcp4 with { IsUdp = true };
    private static readonly FrameSpec Tagged = Tcp4 with { Tags = [0x8100_0005] };
    private static readonly FrameSpec Single = Tcp4 with { Payload = FrameSpec.Bytes(100) };
    private static readonly FrameSpec SingleUdp = Single with { IsUdp = true };
    private static readonly byte[] Arp = [.. Tcp4.Unfinished()[..12], 8, 6, .. new byte[46]];

    private static readonly Dictionary<string, (OffloadFault Fault, VirtioNetHeader Header, byte[] Frame)> Malformed = new()
    {
        ["no frame"] = (OffloadFault.FrameTooShort, default, []),
        ["13 bytes"] = (OffloadFault.FrameTooShort, default, new byte[13]),
        ["13 bytes, super-frame"] = (OffloadFault.FrameTooShort, Tcp4.SuperHeader(), new byte[13]),
        ["65,558 bytes"] = (OffloadFault.FrameTooLong, default, new byte[65_558]),
        ["flag RSC_INFO"] = (OffloadFault.UnknownFlag, new() { Flags = 4 }, Arp),
        ["flag 0x80"] = (OffloadFault.UnknownFlag, Tcp4.SuperHeader() with { Flags = 0x81 }, Tcp4.Unfinished()),
        ["unfinished and verified"] = (OffloadFault.ContradictoryFlags, Single.PartialHeader() with { Flags = 3 }, Single.Unfinished()),
        ["gso_type 2"] = (OffloadFault.UnknownGsoType, Tcp4.SuperHeader() with { GsoType = (GsoType)2 }, Tcp4.Unfinished()),
        ["gso_type 3, UFO"] = (OffloadFault.UnknownGsoType, Udp4.SuperHeader() with { GsoType = (GsoType)3 }, Udp4.Unfinished()),
        ["gso_type 0x20, tunnel"] = (OffloadFault.UnknownGsoType, Tcp4.SuperHeader() with { GsoType = (GsoType)0x21 }, Tcp4.Unfinished()),
        ["gso_type 0x7f"] = (OffloadFault.UnknownGsoType, Tcp4.SuperHeader() with { GsoType = (GsoType)0x7f }, Tcp4.Unfinished()),
        ["ECN alone"] = (OffloadFault.StrayEcnBit, new() { GsoType = GsoType.EcnBit }, Single.Finished()),
        ["ECN with UDP"] = (OffloadFault.StrayEcnBit, Udp4.SuperHeader() with { GsoType = GsoType.UdpL4 | GsoType.EcnBit }, Udp4.Unfinished()),
        ["hdr_len without a super-frame"] = (OffloadFault.StrayGsoField, new() { HeaderLength = 54 }, Single.Finished()),
        ["gso_size without a super-frame"] = (OffloadFault.StrayGsoField, Tcp4.PartialHeader() with { GsoSize = 1000 }, Tcp4.Unfinished()),
        ["csum_start without a checksum"] = (OffloadFault.StrayChecksumField, new() { ChecksumStart = 34 }, Single.Finished()),
        ["csum_offset without a checksum"] = (OffloadFault.StrayChecksumField, new() { Flags = 2, ChecksumOffset = 16 }, Single.Finished()),
        ["super-frame with a finished checksum"] = (OffloadFault.FinishedSuperFrame, Tcp4.SuperHeader() with { Flags = 0, ChecksumStart = 0, ChecksumOffset = 0 }, Tcp4.Finished()),
        ["super-frame with a verified checksum"] = (OffloadFault.FinishedSuperFrame, Tcp4.SuperHeader() with { Flags = 2, ChecksumStart = 0, ChecksumOffset = 0 }, Tcp4.Finished()),
        ["ARP"] = (OffloadFault.NotIP, Single.PartialHeader(), Arp),
        ["Ethernet alone"] = (OffloadFault.MalformedIP, Single.PartialHeader(), Single.Unfinished()[..14]),
        ["three tags"] = (OffloadFault.NotIP, (Tcp4 with { Tags = [0x8100_0001, 0x8100_0002, 0x8100_0003] }).SuperHeader(), (Tcp4 with { Tags = [0x8100_0001, 0x8100_0002, 0x8100_0003] }).Unfinished()),
        ["a tag and no more"] = (OffloadFault.NotIP, Tagged.SuperHeader(), Tagged.Unfinished()[..16]),
        ["IPv4 of version 5"] = (OffloadFault.MalformedIP, Tcp4.SuperHeader(), Change(Tcp4, Network, 0x55)),
        ["IPv6 of version 4"] = (OffloadFault.MalformedIP, Tcp6.SuperHeader(), Change(Tcp6, Network, 0x45)),
        ["IPv4 header of 16 bytes"] = (OffloadFault.MalformedIP, Tcp4.SuperHeader(), Change(Tcp4, Network, 0x44)),
        ["IPv4 header longer than the packet"] = (OffloadFault.MalformedIP, Single.PartialHeader(), [.. Change(Single, Network, 0x4f)[..54]]),
        ["IPv4 header cut"] = (OffloadFault.MalformedIP, Single.PartialHeader(), Single.Unfinished()[..33]),
        ["IPv4 longer than the frame"] = (OffloadFault.MalformedIP, Tcp4.SuperHeader(), Tcp4.Unfinished()[..^1]),
        ["IPv4 shorter than its header"] = (OffloadFault.MalformedIP, Tcp4.SuperHeader(), Change(Tcp4, Network + 2, 0, 19)),
        ["IPv4 of no length, as for jumbo frames"] = (OffloadFault.MalformedIP, Tcp4.SuperHeader(), Change(Tcp4, Network + 2, 0, 0)),
        ["IPv6 longer than the frame"] = (OffloadFault.MalformedIP, Tcp6.SuperHeader(), Tcp6.Unfinished()[..^1]),
        ["IPv6 header cut"] = (OffloadFault.MalformedIP, Tcp6.SuperHeader(), Tcp6.Unfinished()[..53]),
        ["IPv6 of no length, as for jumbo frames"] = (OffloadFault.MalformedTransport, Tcp6.SuperHeader(), Change(Tcp6, Network + 4, 0, 0)),
        ["IPv6 extension header beyond the length"] = (OffloadFault.MalformedIP, WithExtension.SuperHeader(), Change(WithExtension, Network + 4, 0, 0)),
        ["IPv6 extension header longer than the packet"] = (OffloadFault.MalformedIP, Single.PartialHeader(), Change(Single with { IsIPv6 = true, NetworkOptions = [6, 0, 1, 4, 0, 0, 0, 0] }, Network + 41, 40)),
        ["IPv6 extension headers of 264 bytes"] = (OffloadFault.MalformedIP, Tcp4.PartialHeader(), (Tcp6 with { NetworkOptions = [6, 32, .. new byte[262]] }).Unfinished()),
        ["IPv6 hop-by-hop header that is not the first"] = (OffloadFault.NotTcpOrUdp, (Single with { IsIPv6 = true, NetworkOptions = new byte[16] }).PartialHeader(), (Single with { IsIPv6 = true, NetworkOptions = [0, 0, 1, 4, 0, 0, 0, 0, 6, 0, 1, 4, 0, 0, 0, 0] }).Unfinished()),
        ["first fragment"] = (OffloadFault.Fragment, Single.PartialHeader(), Change(Single, Network + 6, 0x20)),
        ["last fragment"] = (OffloadFault.Fragment, Tcp4.SuperHeader(), Change(Tcp4, Network + 7, 1)),
        ["IPv6 fragment"] = (OffloadFault.Fragment, Tcp6.SuperHeader(), Change(Tcp6, Network + 6, 44)),
        ["bytes behind the super-frame"] = (OffloadFault.TrailingBytes, Tcp4.SuperHeader(), [.. Tcp4.Unfinished(), 0]),
        ["bytes behind the IPv6 super-frame"] = (OffloadFault.TrailingBytes, Tcp6.SuperHeader(), [.. Tcp6.Unfinished(), 0]),
        ["zeros behind a small super-frame"] = (OffloadFault.TrailingBytes, Small.SuperHeader(), [.. Small.Unfinished(), 0]),
        ["padding that is not zero"] = (OffloadFault.TrailingBytes, Empty.PartialHeader(), [.. Empty.Unfinished(), 0, 0, 0, 0, 0, 1]),
        ["padding of a frame that needs none"] = (OffloadFault.TrailingBytes, Single.PartialHeader(), [.. Single.Unfinished(), 0]),
        ["tcpv4 over IPv6"] = (OffloadFault.WrongGsoType, Tcp6.SuperHeader() with { GsoType = GsoType.TcpV4 }, Tcp6.Unfinished()),
        ["tcpv6 over IPv4"] = (OffloadFault.WrongGsoType, Tcp4.SuperHeader() with { GsoType = GsoType.TcpV6 }, Tcp4.Unfinished()),
        ["tcpv4 over UDP"] = (OffloadFault.WrongGsoType, Udp4.SuperHeader() with { GsoType = GsoType.TcpV4 }, Udp4.Unfinished()),
        ["udp_l4 over TCP"] = (OffloadFault.WrongGsoType, Tcp4.SuperHeader() with { GsoType = GsoType.UdpL4 }, Tcp4.Unfinished()),
        ["super-frame of ICMP"] = (OffloadFault.WrongGsoType, Tcp4.SuperHeader(), Change(Tcp4, Network + 9, 1)),
        ["ICMP"] = (OffloadFault.NotTcpOrUdp, Single.PartialHeader() with { ChecksumOffset = 2 }, Change(Single, Network + 9, 1)),
        ["SCTP"] = (OffloadFault.NotTcpOrUdp, Single.PartialHeader() with { ChecksumOffset = 8 }, Change(Single, Network + 9, 132)),
        ["ICMPv6"] = (OffloadFault.NotTcpOrUdp, (Single with { IsIPv6 = true }).PartialHeader() with { ChecksumOffset = 2 }, Change(Single with { IsIPv6 = true }, Network + 6, 58)),
        ["csum_start one too far"] = (OffloadFault.WrongChecksumStart, Tcp4.SuperHeader() with { ChecksumStart = Transport + 1 }, Tcp4.Unfinished()),
        ["csum_start at the IP header"] = (OffloadFault.WrongChecksumStart, Single.PartialHeader() with { ChecksumStart = Network }, Single.Unfinished()),
        ["csum_start zero"] = (OffloadFault.WrongChecksumStart, Single.PartialHeader() with { ChecksumStart = 0 }, Single.Unfinished()),
        ["csum_start at the end"] = (OffloadFault.WrongChecksumStart, Single.PartialHeader() with { ChecksumStart = 154 }, Single.Unfinished()),
        ["csum_start of all ones"] = (OffloadFault.WrongChecksumStart, Single.PartialHeader() with { ChecksumStart = 0xffff }, Single.Unfinished()),
        ["csum_start that forgets the tag"] = (OffloadFault.WrongChecksumStart, Tagged.SuperHeader() with { ChecksumStart = Transport }, Tagged.Unfinished()),
        ["csum_offset zero"] = (OffloadFault.WrongChecksumOffset, Single.PartialHeader() with { ChecksumOffset = 0 }, Single.Unfinished()),
        ["csum_offset of UDP in TCP"] = (OffloadFault.WrongChecksumOffset, Tcp4.SuperHeader() with { ChecksumOffset = 6 }, Tcp4.Unfinished()),
        ["csum_offset of TCP in UDP"] = (OffloadFault.WrongChecksumOffset, Udp4.SuperHeader() with { ChecksumOffset = 16 }, Udp4.Unfinished()),
        ["csum_offset of all ones"] = (OffloadFault.WrongChecksumOffset, Single.PartialHeader() with { ChecksumOffset = 0xffff }, Single.Unfinished()),
        ["TCP header of 16 bytes"] = (OffloadFault.MalformedTransport, Tcp4.SuperHeader(), Change(Tcp4, Transport + 12, 0x40)),
        ["TCP header longer than the packet"] = (OffloadFault.MalformedTransport, (Tcp4 with { Payload = [1] }).PartialHeader(), Change(Tcp4 with { Payload = [1] }, Transport + 12, 0x60)),
        ["TCP header cut"] = (OffloadFault.MalformedTransport, Empty.PartialHeader(), Change(Empty, Network + 2, 0, 39)[..^1]),
        ["UDP length of the segment"] = (OffloadFault.MalformedTransport, Udp4.SuperHeader(), Change(Udp4, Transport + 4, 1008 >> 8, 1008 & 0xff)),
        ["UDP length zero"] = (OffloadFault.MalformedTransport, SingleUdp.PartialHeader(), Change(SingleUdp, Transport + 4, 0, 0)),
        ["UDP header cut"] = (OffloadFault.MalformedTransport, SingleUdp.PartialHeader(), Change(SingleUdp, Network + 2, 0, 27)[..41]),
        ["wrong checksum of the IPv4 header"] = (OffloadFault.BadIPChecksum, Tcp4.SuperHeader(), Change(Tcp4, Network + 8, 63)),
        ["SYN"] = (OffloadFault.WrongTcpFlags, Tcp4.SuperHeader(), (Tcp4 with { Flags = 0x12 }).Unfinished()),
        ["RST"] = (OffloadFault.WrongTcpFlags, Tcp4.SuperHeader(), (Tcp4 with { Flags = 0x14 }).Unfinished()),
        ["URG"] = (OffloadFault.WrongTcpFlags, Tcp6.SuperHeader(), (Tcp6 with { Flags = 0x30 }).Unfinished()),
        ["hdr_len zero"] = (OffloadFault.WrongHeaderLength, Tcp4.SuperHeader() with { HeaderLength = 0 }, Tcp4.Unfinished()),
        ["hdr_len one too short"] = (OffloadFault.WrongHeaderLength, Tcp4.SuperHeader() with { HeaderLength = 53 }, Tcp4.Unfinished()),
        ["hdr_len more than a tag too short"] = (OffloadFault.WrongHeaderLength, Tagged.SuperHeader() with { HeaderLength = 53 }, Tagged.Unfinished()),
        ["hdr_len longer than the frame"] = (OffloadFault.WrongHeaderLength, Tcp4.SuperHeader() with { HeaderLength = 5055 }, Tcp4.Unfinished()),
        ["gso_size zero"] = (OffloadFault.GsoSizeTooSmall, Tcp4.SuperHeader() with { GsoSize = 0 }, Tcp4.Unfinished()),
        ["gso_size zero for UDP"] = (OffloadFault.GsoSizeTooSmall, Udp4.SuperHeader() with { GsoSize = 0 }, Udp4.Unfinished()),
        ["gso_size 1 for TCP"] = (OffloadFault.GsoSizeTooSmall, Tcp4.SuperHeader() with { GsoSize = 1 }, Tcp4.Unfinished()),
        ["gso_size 7 for TCP"] = (OffloadFault.GsoSizeTooSmall, Tcp6.SuperHeader() with { GsoSize = 7 }, Tcp6.Unfinished()),
        ["gso_size of the whole payload"] = (OffloadFault.OneSegment, Tcp4.SuperHeader() with { GsoSize = 5000 }, Tcp4.Unfinished()),
        ["gso_size of all ones"] = (OffloadFault.OneSegment, Udp4.SuperHeader() with { GsoSize = 0xffff }, Udp4.Unfinished()),
        ["super-frame without payload"] = (OffloadFault.OneSegment, Empty.SuperHeader(), Empty.Unfinished()),
        ["1,025 segments of TCP"] = (OffloadFault.TooManySegments, (Tcp4 with { GsoSize = 8 }).SuperHeader(), (Tcp4 with { Payload = new byte[8193] }).Unfinished()),
        ["129 segments of UDP"] = (OffloadFault.TooManySegments, (Udp4 with { GsoSize = 1 }).SuperHeader(), (Udp4 with { Payload = new byte[129] }).Unfinished()),
    };

    private static readonly Dictionary<string, (VirtioNetHeader Header, byte[] Frame)> KernelWritten = new()
    {
        ["an empty Ethernet frame"] = (default, new byte[14]),
        ["ARP"] = (default, Arp),
        ["a frame of the greatest length"] = (default, new byte[65_557]),
        ["a verified frame"] = (new() { Flags = 2 }, Single.Finished()),
        ["TCP, unfinished"] = (Single.PartialHeader(), Single.Unfinished()),
        ["SYN, unfinished"] = (Empty.PartialHeader(), (Empty with { Flags = 2 }).Unfinished()),
        ["UDP, unfinished"] = (SingleUdp.PartialHeader(), SingleUdp.Unfinished()),
        ["UDP without payload"] = ((Empty with { IsUdp = true }).PartialHeader(), (Empty with { IsUdp = true }).Unfinished()),
        ["unfinished and padded to 60 bytes"] = (Empty.PartialHeader(), [.. Empty.Unfinished(), 0, 0, 0, 0, 0, 0]),
        ["IPv6 behind two tags, unfinished"] = (TwoTags.PartialHeader(), TwoTags.Unfinished()),
        ["IPv6 with destination options"] = (WithExtension.SuperHeader(), WithExtension.Unfinished()),
        ["IPv6 with a hop-by-hop header"] = (WithExtension.SuperHeader(), Change(WithExtension, Network + 6, 0)),
        ["IPv4 with options"] = ((Tcp4 with { NetworkOptions = new byte[40] }).SuperHeader(), (Tcp4 with { NetworkOptions = new byte[40] }).Unfinished()),
        ["TCP over IPv4"] = (Tcp4.SuperHeader(), Tcp4.Unfinished()),
        ["TCP over IPv6"] = (Tcp6.SuperHeader(), Tcp6.Unfinished()),
        ["TCP with CWR"] = ((Tcp4 with { Flags = 0x90 }).SuperHeader(), (Tcp4 with { Flags = 0x90 }).Unfinished()),
        ["the ECN bit of a frame sent again"] = (Tcp4.SuperHeader() with { GsoType = GsoType.TcpV4 | GsoType.EcnBit }, Tcp4.Unfinished()),
        ["UDP over IPv4"] = (Udp4.SuperHeader(), Udp4.Unfinished()),
        ["UDP over IPv6"] = ((Udp4 with { IsIPv6 = true }).SuperHeader(), (Udp4 with { IsIPv6 = true }).Unfinished()),
        ["hdr_len of a linear buffer"] = (Tcp4.SuperHeader() with { HeaderLength = 5054 }, Tcp4.Unfinished()),
        ["hdr_len without the tag, as Linux 6.18 writes it"] = (Tagged.SuperHeader() with { HeaderLength = 54 }, Tagged.Unfinished()),
        ["1,024 segments of TCP"] = ((Tcp4 with { GsoSize = 8 }).SuperHeader(), (Tcp4 with { Payload = new byte[8192] }).Unfinished()),
        ["128 segments of UDP"] = ((Udp4 with { GsoSize = 1 }).SuperHeader(), (Udp4 with { Payload = new byte[128] }).Unfinished()),
        ["the longest super-frame"] = (Longest.SuperHeader(), Longest.Unfinished()),
    };

    public static TheoryData<string> MalformedNames => [.. Malformed.Keys];

    public static TheoryData<string> KernelWrittenNames => [.. KernelWritten.Keys];

    private static FrameSpec Small => new() { Payload = new byte[9], GsoSize = 8, Tags = [] };

    private static FrameSpec Empty => new() { Payload = [] };

    private static FrameSpec TwoTags => new() { IsIPv6 = true, Tags = [0x88a8_0001, 0x8100_0002], Payload = new byte[4] };

    private static FrameSpec WithExtension => new() { IsIPv6 = true, NetworkOptions = [6, 0, 1, 4, 0, 0, 0, 0], Payload = new byte[2500] };

    private static FrameSpec Longest => new() { Tags = [0x8100_0001, 0x8100_0002], Payload = new byte[65_495], GsoSize = 1448 };

    [Theory]
    [MemberData(nameof(MalformedNames))]
    public void No_malformed_header_passes(string name)
    {
        var (expected, header, frame) = Malformed[name];
        Assert.False(OffloadValidator.IsValid(header, frame, out var fault));
        Assert.Equal(expected, fault);
        var copy = header;
        Assert.False(OffloadValidator.TryNormalize(ref copy, frame, out fault));
        Assert.Equal(expected, fault);
        Assert.Equal(header, copy);
    }

    [Theory]
    [MemberData(nameof(KernelWrittenNames))]
    public void What_a_kernel_writes_passes(string name)
    {
        var (header, frame) = KernelWritten[name];
        var valid = OffloadValidator.IsValid(header, frame, out var fault);
        Assert.Equal(OffloadFault.None, fault);
        Assert.True(valid);
    }

    [Theory]
    [MemberData(nameof(KernelWrittenNames))]
    public void The_canonical_form_says_no_more_than_is_needed_and_is_its_own(string name)
    {
        var (header, frame) = KernelWritten[name];
        var canonical = header;
        Assert.True(OffloadValidator.TryNormalize(ref canonical, frame, out _));
        Assert.False(canonical.DataValid);
        Assert.Equal(header with { Flags = canonical.Flags, HeaderLength = canonical.HeaderLength }, canonical);
        Assert.Equal(header.NeedsChecksum, canonical.NeedsChecksum);
        var again = canonical;
        Assert.True(OffloadValidator.TryNormalize(ref again, frame, out _));
        Assert.Equal(canonical, again);
    }

    [Theory]
    [InlineData(54)]
    [InlineData(58)]
    [InlineData(5058)]
    public void The_header_length_is_replaced_by_the_true_one(int length)
    {
        var header = Tagged.SuperHeader() with { HeaderLength = (ushort)length };
        Assert.True(OffloadValidator.TryNormalize(ref header, Tagged.Unfinished(), out _));
        Assert.Equal(58, header.HeaderLength);
    }

    [Fact]
    public void Every_fault_is_in_the_table() =>
        Assert.Equal(Enum.GetValues<OffloadFault>().Where(fault => fault != OffloadFault.None), Malformed.Values.Select(row => row.Fault).Distinct().Order());

    private static byte[] Change(FrameSpec spec, int offset, params byte[] bytes)
    {
        var frame = spec.Unfinished();
        bytes.CopyTo(frame, offset);
        return frame;
    }
}
