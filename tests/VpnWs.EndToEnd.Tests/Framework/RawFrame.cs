using System.Buffers.Binary;

namespace VpnWs.Tests.Framework;

/// <summary>A WebSocket frame as it lies on the wire, right or wrong (RFC 6455 section 5.2).</summary>
internal sealed record RawFrame(int Opcode, byte[] Payload)
{
    public const int Text = 1;
    public const int Binary = 2;
    public const int Close = 8;
    public const int Ping = 9;
    public const int Pong = 10;

    public bool Final { get; init; } = true;

    /// <summary>The reserved bits, 0 to 7.</summary>
    public int ReservedBits { get; init; }

    /// <summary>Whether to mask, as a client must.</summary>
    public bool Masked { get; init; } = true;

    /// <summary>The four bytes to mask with.</summary>
    public byte[] MaskKey { get; init; } = [0x12, 0x34, 0x56, 0x78];

    /// <summary>A length to claim in place of the payload's.</summary>
    public ulong? ClaimedLength { get; init; }

    /// <summary>The close code of a close frame; 1005, as in section 7.1.5, where it has none.</summary>
    public int CloseCode => Payload.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(Payload) : 1005;

    public byte[] ToBytes()
    {
        var bytes = new List<byte> { (byte)((Final ? 0x80 : 0) | (ReservedBits << 4) | Opcode) };
        var maskBit = Masked ? 0x80 : 0;
        var length = ClaimedLength ?? (ulong)Payload.Length;
        switch (length)
        {
            case < 126:
                bytes.Add((byte)(maskBit | (int)length));
                break;
            case <= ushort.MaxValue:
                bytes.Add((byte)(maskBit | 126));
                bytes.AddRange(BigEndian(length)[6..]);
                break;
            default:
                bytes.Add((byte)(maskBit | 127));
                bytes.AddRange(BigEndian(length));
                break;
        }

        if (!Masked) return [.. bytes, .. Payload];
        return [.. bytes, .. MaskKey, .. Payload.Select((value, i) => (byte)(value ^ MaskKey[i % 4]))];
    }

    private static byte[] BigEndian(ulong number)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, number);
        return bytes;
    }
}
