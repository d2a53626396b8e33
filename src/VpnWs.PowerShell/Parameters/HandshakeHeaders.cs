using System.Buffers;
using System.Collections;
using System.Globalization;
using System.Management.Automation;

namespace VpnWs.PowerShell;

/// <summary>Reads the value of -Header. No message shows a field's value: it may be a secret.</summary>
internal static class HandshakeHeaders
{
    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>Header fields by name (RFC 9110 section 5).</summary>
    /// <exception cref="LanException">One cannot be sent, or the handshake sets it itself.</exception>
    public static IReadOnlyList<KeyValuePair<string, string>> Read(IDictionary headers)
    {
        var fields = new List<KeyValuePair<string, string>>();
        foreach (DictionaryEntry entry in headers)
        {
            var name = Convert.ToString(entry.Key, CultureInfo.InvariantCulture) ?? "";
            var value = Convert.ToString(entry.Value is PSObject wrapped ? wrapped.BaseObject : entry.Value, CultureInfo.InvariantCulture) ?? "";
            if (name.Length == 0 || name.AsSpan().ContainsAnyExcept(TokenCharacters)) throw Bad($"'{name}' is no name of a header field.");
            if (value.Any(static c => c is '\x7f' or (< ' ' and not '\t'))) throw Bad($"The value of {name} has a control character in it.");
            if (IsOfTheHandshake(name)) throw Bad($"{name} belongs to the handshake.");
            fields.Add(new KeyValuePair<string, string>(name, value.Trim()));
        }

        return fields;
    }

    private static bool IsOfTheHandshake(string name) =>
        name.StartsWith("Sec-WebSocket-", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("X-vpn-ws-", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Connection", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Upgrade", StringComparison.OrdinalIgnoreCase);

    private static LanException Bad(string message) =>
        new("HeaderInvalid", ErrorCategory.InvalidArgument, message, "Give -Header @{ Name = 'value' } with fields of your own.");
}
