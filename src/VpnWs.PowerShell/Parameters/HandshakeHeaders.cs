using System.Collections;
using System.Globalization;
using System.Management.Automation;
using VpnWs.Hosting;

namespace VpnWs.PowerShell;

/// <summary>Reads the value of -Header. No message shows a field's value: it may be a secret.</summary>
internal static class HandshakeHeaders
{
    /// <summary>Header fields by name (RFC 9110 section 5).</summary>
    /// <exception cref="LanException">One cannot be sent, or the handshake sets it itself.</exception>
    public static IReadOnlyList<KeyValuePair<string, string>> Read(IDictionary headers)
    {
        var fields = new List<KeyValuePair<string, string>>();
        foreach (DictionaryEntry entry in headers)
        {
            var name = Convert.ToString(entry.Key, CultureInfo.InvariantCulture) ?? "";
            var value = Convert.ToString(entry.Value is PSObject wrapped ? wrapped.BaseObject : entry.Value, CultureInfo.InvariantCulture) ?? "";
            if (!HeaderField.IsName(name)) throw Bad($"'{name}' is no name of a header field.");
            if (HeaderField.HasControlCharacter(value)) throw Bad($"The value of {name} has a control character in it.");
            if (HeaderField.IsOfTheHandshake(name)) throw Bad($"{name} belongs to the handshake.");
            fields.Add(new KeyValuePair<string, string>(name, value.Trim()));
        }

        return fields;
    }

    private static LanException Bad(string message) =>
        new("HeaderInvalid", ErrorCategory.InvalidArgument, message, "Give -Header @{ Name = 'value' } with fields of your own.");
}
