using VpnWs.Hosting;

namespace VpnWs.ClientProgram;

/// <summary>Reads the value of <c>--header</c>. No message shows the field's value: it may be a secret.</summary>
internal static class HeaderText
{
    /// <summary>Reads <c>Name: value</c> (RFC 9110 section 5).</summary>
    /// <exception cref="FormatException">It is no header field, or one that the handshake sets itself.</exception>
    public static KeyValuePair<string, string> Parse(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || !HeaderField.IsName(text.AsSpan(0, colon))) throw new FormatException("write it as 'Name: value'");
        var name = text[..colon];
        var value = text[(colon + 1)..].Trim(' ', '\t');
        if (HeaderField.HasControlCharacter(value)) throw new FormatException($"the value of {name} has a control character in it");
        return HeaderField.IsOfTheHandshake(name) ? throw new FormatException($"{name} belongs to the handshake") : new KeyValuePair<string, string>(name, value);
    }
}
