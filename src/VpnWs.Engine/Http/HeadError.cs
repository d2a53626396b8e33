namespace VpnWs.Http;

/// <summary>Why a request head was not taken: the HTTP status to answer with (RFC 9110 section 15) and one sentence for the peer and the log.</summary>
/// <param name="Status">400, 405, 431 or 505.</param>
/// <param name="Text">What is wrong, in one line; holds nothing that the peer sent but numbers.</param>
internal sealed record HeadError(int Status, string Text)
{
    /// <summary>The head is, or says that it is, longer than allowed (RFC 6585 section 5).</summary>
    public static HeadError TooLarge(int maxLength) => new(431, $"The request head is longer than {maxLength} bytes.");
}
