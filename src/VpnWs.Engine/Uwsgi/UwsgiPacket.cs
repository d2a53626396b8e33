using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using VpnWs.Http;
using VpnWs.WebSockets;

namespace VpnWs.Uwsgi;

/// <summary>
/// The uwsgi protocol's request: modifier1, size as a little-endian u16, modifier2, then <c>size</c> bytes of variables. After it the
/// connection is the raw byte stream between the client and us.
/// </summary>
internal static class UwsgiPacket
{
    /// <summary>The modifier1 of the data plane.</summary>
    public const byte DataPlane = 0;

    /// <summary>The modifier1 of the control interface.</summary>
    public const byte Control = 1;

    private const int HeaderLength = 4;

    /// <summary>Reads a packet from all bytes that have come so far.</summary>
    /// <param name="input">The bytes from the start of the connection; bytes after the packet are left alone.</param>
    /// <param name="maxLength">The longest packet, header included, in bytes, that is taken.</param>
    /// <param name="request">What the packet says, where it is complete.</param>
    /// <param name="consumed">The length of the packet where it is complete, else 0.</param>
    /// <param name="error">What to answer where the packet is malformed or too large.</param>
    public static HeadParseStatus TryParse(
        ReadOnlySpan<byte> input, int maxLength, out HandshakeRequest? request, out int consumed, out HeadError? error)
    {
        request = null;
        consumed = 0;
        error = null;
        if (input.IsEmpty) return HeadParseStatus.NeedMoreData;
        if (input[0] > Control)
        {
            error = new HeadError(400, $"This address speaks the uwsgi protocol with modifier1 0 or 1, not HTTP; modifier1 was {input[0]}.");
            return HeadParseStatus.Malformed;
        }

        if (input.Length < HeaderLength) return HeadParseStatus.NeedMoreData;
        var length = HeaderLength + BinaryPrimitives.ReadUInt16LittleEndian(input[1..]);
        if (length > maxLength)
        {
            error = HeadError.TooLarge(maxLength);
            return HeadParseStatus.TooLarge;
        }

        if (input.Length < length) return HeadParseStatus.NeedMoreData;
        if (!UwsgiVariables.TryCreate(input[HeaderLength..length], out var variables))
        {
            error = new HeadError(400, "A length in the uwsgi packet is wrong.");
            return HeadParseStatus.Malformed;
        }

        request = ToRequest(input[0], variables);
        consumed = length;
        return HeadParseStatus.Complete;
    }

    /// <summary>Writes a packet.</summary>
    /// <exception cref="ArgumentException">A key is empty, or the variables do not fit into 65,535 bytes.</exception>
    public static byte[] Write(byte modifier1, IEnumerable<KeyValuePair<string, string>> variables)
    {
        var packet = new ArrayBufferWriter<byte>();
        packet.Write<byte>([modifier1, 0, 0, 0]);
        foreach (var (key, value) in variables)
        {
            ArgumentException.ThrowIfNullOrEmpty(key, nameof(variables));
            WriteItem(packet, key);
            WriteItem(packet, value);
        }

        var bytes = packet.WrittenSpan.ToArray();
        if (bytes.Length - HeaderLength > ushort.MaxValue)
            throw new ArgumentException("The variables do not fit into a uwsgi packet.", nameof(variables));
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(1), (ushort)(bytes.Length - HeaderLength));
        return bytes;
    }

    private static void WriteItem(ArrayBufferWriter<byte> packet, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        // The length of a longer one is cut here, but then the packet as a whole is too long and never leaves.
        BinaryPrimitives.WriteUInt16LittleEndian(packet.GetSpan(sizeof(ushort)), unchecked((ushort)bytes.Length));
        packet.Advance(sizeof(ushort));
        packet.Write(bytes);
    }

    private static HandshakeRequest ToRequest(byte modifier1, UwsgiVariables variables)
    {
        var key = variables["HTTP_SEC_WEBSOCKET_KEY"u8];
        return new HandshakeRequest
        {
            Modifier1 = modifier1,
            Method = variables["REQUEST_METHOD"u8] ?? "GET",
            Path = Path(variables["REQUEST_URI"u8] ?? variables["PATH_INFO"u8]),
            Query = variables["QUERY_STRING"u8] ?? "",
            WantsUpgrade = key is not null || HeadText.HasItem(variables["HTTP_UPGRADE"u8] ?? "", "websocket"),
            Key = key,
            Version = variables["HTTP_SEC_WEBSOCKET_VERSION"u8],
            Protocols = HeadText.Items(variables["HTTP_SEC_WEBSOCKET_PROTOCOL"u8] ?? ""),
            Origin = variables["HTTP_ORIGIN"u8],
            Authorization = variables["HTTP_AUTHORIZATION"u8],
            DeclaredMac = variables["HTTP_X_VPN_WS_MAC"u8],
            WantsBridge = string.Equals(variables["HTTP_X_VPN_WS_BRIDGE"u8], "on", StringComparison.OrdinalIgnoreCase),
            RemoteAddress = variables["REMOTE_ADDR"u8],
            RemoteUser = variables["REMOTE_USER"u8],
            DistinguishedName = variables["HTTPS_DN"u8] ?? variables["DN"u8],
        };
    }

    private static string Path(string? target)
    {
        if (target is null) return "/";
        var mark = target.IndexOf('?', StringComparison.Ordinal);
        return mark < 0 ? target : target[..mark];
    }
}
