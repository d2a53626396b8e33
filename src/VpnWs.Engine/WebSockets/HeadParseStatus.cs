namespace VpnWs.WebSockets;

/// <summary>What came of reading a request head from the bytes so far.</summary>
internal enum HeadParseStatus
{
    /// <summary>The head goes on; nothing is wrong yet.</summary>
    NeedMoreData,

    /// <summary>The head is whole.</summary>
    Complete,

    /// <summary>The head breaks the rules of its protocol.</summary>
    Malformed,

    /// <summary>The head is, or says it is, longer than allowed.</summary>
    TooLarge,
}
