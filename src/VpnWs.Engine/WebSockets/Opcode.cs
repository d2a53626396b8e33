namespace VpnWs.WebSockets;

/// <summary>What a frame is (RFC 6455 section 5.2). The values from 8 on are control frames.</summary>
internal enum Opcode : byte
{
    /// <summary>A further fragment of the message that is under way.</summary>
    Continuation = 0,

    /// <summary>A text message, or its first fragment. Nothing in this protocol is text.</summary>
    Text = 1,

    /// <summary>A binary message, or its first fragment.</summary>
    Binary = 2,

    /// <summary>The end of the connection, with an optional code and reason (section 5.5.1).</summary>
    Close = 8,

    /// <summary>Asks for a pong with the same payload (section 5.5.2).</summary>
    Ping = 9,

    /// <summary>Answers a ping, or comes unasked (section 5.5.3).</summary>
    Pong = 10,
}
