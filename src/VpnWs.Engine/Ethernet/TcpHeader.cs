namespace VpnWs.Ethernet;

/// <summary>Where the fields of a TCP header lie, in bytes from its start, and its flags (RFC 9293 section 3.1).</summary>
internal static class TcpHeader
{
    public const int MinLength = 20;
    public const int Sequence = 4;
    public const int Acknowledgment = 8;
    public const int DataOffset = 12;
    public const int Flags = 13;
    public const int Window = 14;
    public const int Checksum = 16;
    public const int UrgentPointer = 18;

    public const byte Fin = 0x01;
    public const byte Syn = 0x02;
    public const byte Rst = 0x04;
    public const byte Psh = 0x08;
    public const byte Ack = 0x10;
    public const byte Urg = 0x20;
    public const byte Cwr = 0x80;

    /// <summary>The length in bytes that the header at the start of <paramref name="segment"/> claims, options included; at least 20 bytes of it are there.</summary>
    public static int LengthOf(ReadOnlySpan<byte> segment) => (segment[DataOffset] >> 4) * 4;
}
