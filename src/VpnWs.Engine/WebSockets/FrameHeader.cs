using System.Runtime.InteropServices;

namespace VpnWs.WebSockets;

/// <summary>What the header of the next frame is judged by.</summary>
/// <param name="Role">Which end we are.</param>
/// <param name="IsClassic">Whether the peer is forgiven pings and pongs that are not masked.</param>
/// <param name="InMessage">Whether a fragmented message is under way.</param>
/// <param name="Room">How many more bytes the message may have.</param>
internal readonly record struct FrameRules(Endpoint Role, bool IsClassic, bool InMessage, int Room);

/// <summary>The header of a frame (RFC 6455 section 5.2), read and judged as far as its bytes are there.</summary>
internal readonly struct FrameHeader
{
    public const byte FinalBit = 0x80;
    public const byte MaskBit = 0x80;
    public const int MaxControlPayload = 125;
    public const int Length16 = 126;
    public const int Length64 = 127;
    public const int MaskKeyLength = 4;

    private const byte ReservedBits = 0x70;
    private const byte OpcodeBits = 0x0f;
    private const byte LengthBits = 0x7f;

    /// <summary>The size of the header in bytes, mask key included; 0 while it is not all there.</summary>
    public int Length { get; private init; }

    public Opcode Opcode { get; private init; }

    public bool IsFinal { get; private init; }

    public int PayloadLength { get; private init; }

    public uint MaskKey { get; private init; }

    /// <summary>Reads the header at the start of the input, which may end anywhere.</summary>
    /// <returns>
    /// What is wrong with it, told from the first byte that shows it and never differently once more bytes are there; null where nothing is.
    /// </returns>
    public static Violation? Read(ReadOnlySpan<byte> input, in FrameRules rules, out FrameHeader header)
    {
        header = default;
        if (input.IsEmpty) return null;
        var opcode = (Opcode)(input[0] & OpcodeBits);
        var isFinal = (input[0] & FinalBit) != 0;
        var violation = (input[0] & ReservedBits) != 0 ? Violation.ReservedBits : JudgeKind(opcode, isFinal, rules.InMessage);
        if (violation is not null || input.Length < 2) return violation;

        var isControl = opcode >= Opcode.Close;
        var isMasked = (input[1] & MaskBit) != 0;
        var shortLength = input[1] & LengthBits;
        violation = JudgeMask(isMasked, opcode, rules);
        if (violation is not null) return violation;
        if (isControl && shortLength > MaxControlPayload) return Violation.LongControl;

        var lengthEnd = 2 + (shortLength == Length64 ? sizeof(ulong) : shortLength == Length16 ? sizeof(ushort) : 0);
        var payloadLength = (ulong)shortLength;
        if (lengthEnd > 2)
        {
            violation = ReadLength(input[2..Math.Min(input.Length, lengthEnd)], lengthEnd - 2, rules.Room, out payloadLength);
            if (violation is not null) return violation;
        }
        else if (!isControl && shortLength > rules.Room)
        {
            return Violation.TooBig;
        }

        var end = isMasked ? lengthEnd + MaskKeyLength : lengthEnd;
        if (input.Length < end) return null;
        header = new FrameHeader
        {
            Length = end,
            Opcode = opcode,
            IsFinal = isFinal,
            PayloadLength = (int)payloadLength,
            MaskKey = isMasked ? MemoryMarshal.Read<uint>(input[lengthEnd..]) : 0,
        };
        return null;
    }

    private static Violation? JudgeKind(Opcode opcode, bool isFinal, bool inMessage) => opcode switch
    {
        Opcode.Continuation => inMessage ? null : Violation.StrayContinuation,
        Opcode.Text => inMessage ? Violation.InterleavedMessage : Violation.Text,
        Opcode.Binary => inMessage ? Violation.InterleavedMessage : null,
        Opcode.Close or Opcode.Ping or Opcode.Pong => isFinal ? null : Violation.FragmentedControl,
        _ => Violation.UnknownOpcode,
    };

    private static Violation? JudgeMask(bool isMasked, Opcode opcode, in FrameRules rules)
    {
        if (rules.Role == Endpoint.Client) return isMasked ? Violation.Masked : null;
        return isMasked || (rules.IsClassic && opcode is Opcode.Ping or Opcode.Pong) ? null : Violation.NotMasked;
    }

    // The bytes that are there bound the length from both sides, so a wrong one shows before its last byte. The order of the tests
    // keeps the verdict the same however the bytes arrive: a wasteful length shows before any that is over the limit could.
    private static Violation? ReadLength(ReadOnlySpan<byte> known, int size, int room, out ulong length)
    {
        length = 0;
        if (known.IsEmpty) return null;
        foreach (var b in known) length = (length << 8) | b;
        var missingBits = 8 * (size - known.Length);
        var least = length << missingBits;
        var most = least | ((1UL << missingBits) - 1);
        if (least > long.MaxValue) return Violation.NegativeLength;
        if (most < (size == sizeof(ushort) ? Length16 : ushort.MaxValue + 1UL)) return Violation.WastefulLength;
        return least > (ulong)room ? Violation.TooBig : null;
    }
}
