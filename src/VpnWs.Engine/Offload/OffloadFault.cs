namespace VpnWs.Offload;

/// <summary>Why a <see cref="VirtioNetHeader"/> cannot be one that a kernel wrote for the frame behind it.</summary>
internal enum OffloadFault : byte
{
    /// <summary>Nothing is wrong.</summary>
    None,

    /// <summary>The frame is shorter than an Ethernet header.</summary>
    FrameTooShort,

    /// <summary>The frame is longer than two VLAN tags and an IP packet of 65,535 bytes.</summary>
    FrameTooLong,

    /// <summary>A flag is set that is neither NEEDS_CSUM nor DATA_VALID.</summary>
    UnknownFlag,

    /// <summary>The checksum is said to be both unfinished and verified.</summary>
    ContradictoryFlags,

    /// <summary>gso_type is none of none, tcpv4, tcpv6 and udp_l4.</summary>
    UnknownGsoType,

    /// <summary>The ECN bit without TCP.</summary>
    StrayEcnBit,

    /// <summary>hdr_len or gso_size is set though the frame is no super-frame.</summary>
    StrayGsoField,

    /// <summary>csum_start or csum_offset is set though no checksum is unfinished.</summary>
    StrayChecksumField,

    /// <summary>A super-frame whose checksum is not unfinished.</summary>
    FinishedSuperFrame,

    /// <summary>What is unfinished is not IPv4 or IPv6, or lies behind more than two VLAN tags.</summary>
    NotIP,

    /// <summary>The IP header is cut, contradicts itself or claims more bytes than there are.</summary>
    MalformedIP,

    /// <summary>The checksum of the IPv4 header of a super-frame is wrong.</summary>
    BadIPChecksum,

    /// <summary>A fragment cannot have an unfinished checksum.</summary>
    Fragment,

    /// <summary>The frame goes on behind the IP packet, with more than the zeros that a short frame is padded with.</summary>
    TrailingBytes,

    /// <summary>gso_type is not that of the frame's IP version and protocol.</summary>
    WrongGsoType,

    /// <summary>The checksum is unfinished but the frame is neither TCP nor UDP.</summary>
    NotTcpOrUdp,

    /// <summary>The TCP or UDP header is cut, or contradicts the IP header.</summary>
    MalformedTransport,

    /// <summary>csum_start is not where the TCP or UDP header starts.</summary>
    WrongChecksumStart,

    /// <summary>csum_offset is not where TCP or UDP has its checksum.</summary>
    WrongChecksumOffset,

    /// <summary>SYN, RST or URG in a super-frame.</summary>
    WrongTcpFlags,

    /// <summary>hdr_len is less than the headers have, or more than the frame has.</summary>
    WrongHeaderLength,

    /// <summary>gso_size is zero, or less than TCP has at the least.</summary>
    GsoSizeTooSmall,

    /// <summary>The payload fits one segment, so this is no super-frame.</summary>
    OneSegment,

    /// <summary>The super-frame would be cut into more segments than one message may cause.</summary>
    TooManySegments,
}
