using System.Security.Cryptography;
using System.Text;

namespace VpnWs.WebSockets;

/// <summary>The arithmetic of the opening handshake (RFC 6455 section 4).</summary>
internal static class WebSocketHandshake
{
    private const string Guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private const int KeyLength = 16;
    private const int KeyTextLength = 24;

    /// <summary>The <c>Sec-WebSocket-Accept</c> that answers a key, which is taken as it is written (section 4.2.2, item 5.4).</summary>
    public static string ComputeAccept(string key)
    {
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
#pragma warning disable CA5350 // The standard asks for SHA-1, and nothing here rests on its strength.
        SHA1.HashData(Encoding.UTF8.GetBytes(key + Guid), hash);
#pragma warning restore CA5350
        return Convert.ToBase64String(hash);
    }

    /// <summary>Whether a <c>Sec-WebSocket-Key</c> is what the standard asks for: the base64 of 16 bytes (section 4.1, item 7).</summary>
    public static bool IsStrictKey(string key)
    {
        Span<byte> bytes = stackalloc byte[KeyLength];
        return key.Length == KeyTextLength && Convert.TryFromBase64String(key, bytes, out var written) && written == KeyLength;
    }
}
