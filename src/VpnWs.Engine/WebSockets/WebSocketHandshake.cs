using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace VpnWs.WebSockets;

/// <summary>The proof that a handshake was understood (RFC 6455 section 1.3).</summary>
internal static class WebSocketHandshake
{
    private const int StrictKeyLength = 24;

    private static readonly SearchValues<char> Base64Digits =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");

    /// <summary>The <c>Sec-WebSocket-Accept</c> that answers a <c>Sec-WebSocket-Key</c>, whatever that holds (RFC 6455 section 4.2.2).</summary>
    public static string ComputeAccept(string key)
    {
#pragma warning disable CA5350 // The protocol prescribes SHA-1; nothing secret rests on it.
        var hash = SHA1.HashData(Encoding.UTF8.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
#pragma warning restore CA5350
        return Convert.ToBase64String(hash);
    }

    /// <summary>Whether this is base64 of exactly 16 bytes (RFC 6455 section 4.1). Bits after the last byte may be set, as in the RFC's own example.</summary>
    public static bool IsStrictKey(string key) =>
        key.Length == StrictKeyLength && key.EndsWith("==", StringComparison.Ordinal)
        && !key.AsSpan(0, StrictKeyLength - 2).ContainsAnyExcept(Base64Digits);
}
