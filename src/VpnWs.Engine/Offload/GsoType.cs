namespace VpnWs.Offload;

/// <summary>How a frame is to be segmented: the <c>VIRTIO_NET_HDR_GSO_*</c> values (VIRTIO 1.2 section 5.1.6).</summary>
internal enum GsoType : byte
{
    /// <summary>Not a super-frame.</summary>
    None = 0,

    /// <summary>TCP over IPv4.</summary>
    TcpV4 = 1,

    /// <summary>TCP over IPv6.</summary>
    TcpV6 = 4,

    /// <summary>UDP over either, cut into datagrams (USO), not fragments.</summary>
    UdpL4 = 5,

    /// <summary>Set beside a TCP type: the first segment alone keeps the CWR flag (RFC 3168 section 6.1.2).</summary>
    EcnBit = 0x80,
}
