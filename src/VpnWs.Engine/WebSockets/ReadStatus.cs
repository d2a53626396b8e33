namespace VpnWs.WebSockets;

/// <summary>What <see cref="FrameReader.Read"/> found at the start of its input.</summary>
internal enum ReadStatus
{
    /// <summary>No whole item is there yet, and nothing is wrong so far.</summary>
    NeedMoreData,

    /// <summary>A whole binary message.</summary>
    Message,

    /// <summary>A ping, to be answered with a pong that carries its payload.</summary>
    Ping,

    /// <summary>A pong.</summary>
    Pong,

    /// <summary>The peer's close, to be answered with ours unless that was sent. Terminal.</summary>
    Close,

    /// <summary>The peer broke a rule: send a close with the code of the result, then end the connection. Terminal.</summary>
    Error,
}
