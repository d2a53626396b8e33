using System.Buffers;

namespace VpnWs.Hosting;

/// <summary>What a header field of the handshake may be (RFC 9110 section 5). The PowerShell module is built with this file too.</summary>
internal static class HeaderField
{
    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>Whether this is a field's name (a token).</summary>
    public static bool IsName(ReadOnlySpan<char> text) => text.Length > 0 && !text.ContainsAnyExcept(TokenCharacters);

    /// <summary>Whether a value has a character in it that cannot be sent; a tab can.</summary>
    public static bool HasControlCharacter(string value) => value.Any(static c => c is '\x7f' or (< ' ' and not '\t'));

    /// <summary>Whether the handshake sets this field itself.</summary>
    public static bool IsOfTheHandshake(string name) =>
        name.StartsWith("Sec-WebSocket-", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("X-vpn-ws-", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Connection", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Upgrade", StringComparison.OrdinalIgnoreCase);
}
