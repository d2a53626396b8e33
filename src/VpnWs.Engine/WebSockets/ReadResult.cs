namespace VpnWs.WebSockets;

/// <summary>One item that <see cref="FrameReader.Read"/> took from its input. The status says which members mean something.</summary>
internal readonly ref struct ReadResult
{
    /// <summary>What was found.</summary>
    public ReadStatus Status { get; init; }

    /// <summary>
    /// How many bytes of the input are done with, whatever the status: the item itself and the whole fragments before it, which were
    /// copied. A frame that is only partly there is never counted.
    /// </summary>
    public int Consumed { get; init; }

    /// <summary>
    /// The payload of a message, ping or pong; valid until the next call and as long as the input is. An unfragmented message lies in
    /// the input and is still masked where <see cref="MaskKey"/> is not 0; everything else comes unmasked.
    /// </summary>
    public Span<byte> Payload { get; init; }

    /// <summary>
    /// The key of a message that is still masked, as <see cref="Masking"/> takes it: its bytes in memory order are the four on the wire.
    /// Else 0.
    /// </summary>
    public uint MaskKey { get; init; }

    /// <summary>
    /// For a close the peer's code, <see cref="WebSockets.CloseCode.NoStatus"/> where it gave none; for an error the code to close with.
    /// </summary>
    public ushort CloseCode { get; init; }

    /// <summary>For a close the peer's reason, null where it gave none; for an error what it did, in words of at most 123 bytes.</summary>
    public string? Reason { get; init; }
}
