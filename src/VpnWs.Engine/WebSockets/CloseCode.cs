namespace VpnWs.WebSockets;

/// <summary>Why a connection ends (RFC 6455 section 7.4 and the IANA registry of WebSocket close codes).</summary>
internal static class CloseCode
{
    /// <summary>The purpose of the connection is fulfilled.</summary>
    public const ushort Normal = 1000;

    /// <summary>The server goes down, or the client leaves.</summary>
    public const ushort GoingAway = 1001;

    /// <summary>The peer broke the framing rules.</summary>
    public const ushort ProtocolError = 1002;

    /// <summary>The peer sent a kind of data that is not taken here: text.</summary>
    public const ushort UnsupportedData = 1003;

    /// <summary>Stands for a close without a code; never on the wire.</summary>
    public const ushort NoStatus = 1005;

    /// <summary>Stands for a connection lost without a close; never on the wire.</summary>
    public const ushort Abnormal = 1006;

    /// <summary>The content does not fit its type, such as a reason that is not UTF-8.</summary>
    public const ushort InvalidPayload = 1007;

    /// <summary>The peer did what the rules of this server do not allow.</summary>
    public const ushort PolicyViolation = 1008;

    /// <summary>The message is longer than is taken here.</summary>
    public const ushort MessageTooBig = 1009;

    /// <summary>The server met a condition that it did not expect.</summary>
    public const ushort InternalError = 1011;

    /// <summary>The server restarts; clients should come back after a pause.</summary>
    public const ushort ServiceRestart = 1012;

    /// <summary>The server is overloaded; clients should try again later.</summary>
    public const ushort TryAgainLater = 1013;

    /// <summary>
    /// Whether a close frame may carry the code: the registered ones that are not reserved (1000 to 1003, 1007 to 1014) and those of
    /// libraries and applications (3000 to 4999).
    /// </summary>
    public static bool IsValidOnWire(ushort code) =>
        code is (>= 1000 and <= 1003) or (>= 1007 and <= 1014) or (>= 3000 and <= 4999);
}
