using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace VpnWs.WebSockets;

/// <summary>The payload of a close frame (RFC 6455 section 5.5.1): nothing, or a code and a reason.</summary>
internal static class ClosePayload
{
    /// <summary>The code takes the first two bytes.</summary>
    public const int CodeLength = 2;

    /// <summary>Reads and judges an unmasked payload.</summary>
    /// <param name="payload">At most 125 bytes.</param>
    /// <param name="code">The code; <see cref="CloseCode.NoStatus"/> where there is none.</param>
    /// <param name="reason">The reason, or null where there is none or it is not UTF-8.</param>
    /// <returns>What is wrong, or null.</returns>
    public static Violation? Read(ReadOnlySpan<byte> payload, out ushort code, out string? reason)
    {
        code = CloseCode.NoStatus;
        reason = null;
        if (payload.IsEmpty) return null;
        if (payload.Length < CodeLength) return Violation.HalfCloseCode;
        code = BinaryPrimitives.ReadUInt16BigEndian(payload);
        var text = payload[CodeLength..];
        var isText = Utf8.IsValid(text);
        if (isText && !text.IsEmpty) reason = Encoding.UTF8.GetString(text);
        if (!CloseCode.IsValidOnWire(code)) return Violation.BadCloseCode;
        return isText ? null : Violation.BadCloseReason;
    }
}
