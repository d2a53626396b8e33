using System.Buffers;

namespace VpnWs.ClientProgram;

/// <summary>Reads the value of <c>--header</c>. No message shows the field's value: it may be a secret.</summary>
internal static class HeaderText
{
    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>Reads <c>Name: value</c> (RFC 9110 section 5).</summary>
    /// <exception cref="FormatException">It is no header field, or one that the handshake sets itself.</exception>
    public static KeyValuePair<string, string> Parse(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || text.AsSpan(0, colon).ContainsAnyExcept(TokenCharacters)) throw new FormatException("write it as 'Name: value'");
        var name = text[..colon];
        var value = text[(colon + 1)..].Trim(' ', '\t');
        foreach (var character in value)
        {
            if (character is '\x7f' or (< ' ' and not '\t')) throw new FormatException($"the value of {name} has a control character in it");
        }

        return IsOurs(name) ? throw new FormatException($"{name} belongs to the handshake") : new KeyValuePair<string, string>(name, value);
    }

    private static bool IsOurs(string name) =>
        name.StartsWith("Sec-WebSocket-", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("X-vpn-ws-", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Connection", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Upgrade", StringComparison.OrdinalIgnoreCase);
}
