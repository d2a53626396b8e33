namespace VpnWs.WebSockets;

/// <summary>What a peer can do wrong in its frames: the code to close with and what to say. The reasons fit a close frame (123 bytes).</summary>
internal sealed record Violation(ushort CloseCode, string Reason)
{
    public static readonly Violation ReservedBits = Protocol("reserved bits are set, but no extension was negotiated");
    public static readonly Violation UnknownOpcode = Protocol("unknown opcode");
    public static readonly Violation StrayContinuation = Protocol("continuation frame without a message to continue");
    public static readonly Violation InterleavedMessage = Protocol("new message inside a fragmented one");
    public static readonly Violation FragmentedControl = Protocol("fragmented control frame");
    public static readonly Violation LongControl = Protocol("control frame of more than 125 bytes");
    public static readonly Violation NotMasked = Protocol("client frame is not masked");
    public static readonly Violation Masked = Protocol("server frame is masked");
    public static readonly Violation WastefulLength = Protocol("length is not in its shortest form");
    public static readonly Violation NegativeLength = Protocol("length of 2^63 or more");
    public static readonly Violation HalfCloseCode = Protocol("close frame with one byte of payload");
    public static readonly Violation BadCloseCode = Protocol("close frame with a code that must not be sent");
    public static readonly Violation BadCloseReason = new(WebSockets.CloseCode.InvalidPayload, "close reason is not UTF-8");
    public static readonly Violation Text = new(WebSockets.CloseCode.UnsupportedData, "text messages are not taken");
    public static readonly Violation TooBig = new(WebSockets.CloseCode.MessageTooBig, "message is over the limit");

    private static Violation Protocol(string reason) => new(WebSockets.CloseCode.ProtocolError, reason);
}
