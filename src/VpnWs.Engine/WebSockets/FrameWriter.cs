using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Unicode;

namespace VpnWs.WebSockets;

/// <summary>
/// Writes frames (RFC 6455 section 5.2): always whole (FIN), without reserved bits, the length in its shortest form. Every method
/// writes to the start of the destination, which must be long enough, and returns how many bytes it wrote.
/// </summary>
internal static class FrameWriter
{
    /// <summary>The longest header: 2 bytes, a length of 8 and a mask key of 4.</summary>
    public const int MaxHeaderLength = 2 + sizeof(ulong) + FrameHeader.MaskKeyLength;

    /// <summary>The longest control frame: 2 bytes of header, a mask key of 4 and 125 bytes of payload.</summary>
    public const int MaxControlFrameLength = 2 + FrameHeader.MaskKeyLength + FrameHeader.MaxControlPayload;

    private const int MaxReasonLength = FrameHeader.MaxControlPayload - ClosePayload.CodeLength;

    /// <summary>The size of the header of a frame with such a payload: 2, 4 or 10 bytes, and 4 more where it is masked.</summary>
    public static int HeaderLength(int payloadLength, bool masked) =>
        (payloadLength < FrameHeader.Length16 ? 2 : payloadLength <= ushort.MaxValue ? 2 + sizeof(ushort) : 2 + sizeof(ulong))
        + (masked ? FrameHeader.MaskKeyLength : 0);

    /// <summary>Writes a server's header: not masked.</summary>
    public static int WriteHeader(Span<byte> destination, Opcode opcode, int payloadLength) =>
        WriteStart(destination, opcode, payloadLength, 0);

    /// <summary>Writes a client's header. The payload is the caller's to mask with the same key (<see cref="Masking"/>).</summary>
    public static int WriteHeader(Span<byte> destination, Opcode opcode, int payloadLength, uint maskKey)
    {
        var length = WriteStart(destination, opcode, payloadLength, FrameHeader.MaskBit);
        MemoryMarshal.Write(destination[length..], maskKey);
        return length + FrameHeader.MaskKeyLength;
    }

    /// <summary>Writes a whole control frame, masked where a key is given.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The payload is over 125 bytes.</exception>
    public static int WriteControl(Span<byte> destination, Opcode opcode, ReadOnlySpan<byte> payload, uint? maskKey)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payload.Length, FrameHeader.MaxControlPayload, nameof(payload));
        var start = maskKey is { } key
            ? WriteHeader(destination, opcode, payload.Length, key)
            : WriteHeader(destination, opcode, payload.Length);
        Masking.Apply(payload, destination[start..], maskKey ?? 0);
        return start + payload.Length;
    }

    /// <summary>
    /// Writes a whole close frame, masked where a key is given. The reason is cut between two characters to at most 123 bytes of
    /// UTF-8. A code that must not be sent (<see cref="CloseCode.NoStatus"/>, <see cref="CloseCode.Abnormal"/> and their like) makes
    /// a close without code and reason.
    /// </summary>
    public static int WriteClose(Span<byte> destination, ushort code, ReadOnlySpan<char> reason, uint? maskKey)
    {
        if (!CloseCode.IsValidOnWire(code)) return WriteControl(destination, Opcode.Close, [], maskKey);
        Span<byte> payload = stackalloc byte[FrameHeader.MaxControlPayload];
        BinaryPrimitives.WriteUInt16BigEndian(payload, code);
        Utf8.FromUtf16(reason, payload.Slice(ClosePayload.CodeLength, MaxReasonLength), out _, out var written);
        return WriteControl(destination, Opcode.Close, payload[..(ClosePayload.CodeLength + written)], maskKey);
    }

    private static int WriteStart(Span<byte> destination, Opcode opcode, int payloadLength, byte maskBit)
    {
        destination[0] = (byte)(FrameHeader.FinalBit | (byte)opcode);
        if (payloadLength < FrameHeader.Length16)
        {
            destination[1] = (byte)(maskBit | payloadLength);
            return 2;
        }

        if (payloadLength <= ushort.MaxValue)
        {
            destination[1] = (byte)(maskBit | FrameHeader.Length16);
            BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)payloadLength);
            return 2 + sizeof(ushort);
        }

        destination[1] = (byte)(maskBit | FrameHeader.Length64);
        BinaryPrimitives.WriteUInt64BigEndian(destination[2..], (ulong)payloadLength);
        return 2 + sizeof(ulong);
    }
}
