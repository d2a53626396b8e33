using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace VpnWs.Transport;

/// <summary>Writes the subject of a certificate as RFC 4514 and nginx's <c>$ssl_client_s_dn</c> do: the last part first, parted by commas alone.</summary>
internal static class SubjectText
{
    /// <summary>The subject's text.</summary>
    public static string Of(X500DistinguishedName subject)
    {
        var text = new StringBuilder();
        foreach (var part in subject.EnumerateRelativeDistinguishedNames(reversed: true))
        {
            // Such a name is rare, and any text for it will do.
            if (part.HasMultipleElements || part.GetSingleElementValue() is not { } value) return subject.Name;
            var type = part.GetSingleElementType().Value;
            if (text.Length > 0) text.Append(',');
            text.Append(Keyword(type)).Append('=');
            Append(text, value);
        }

        return text.ToString();
    }

    private static string? Keyword(string? type) => type switch
    {
        "2.5.4.3" => "CN",
        "2.5.4.4" => "SN",
        "2.5.4.5" => "serialNumber",
        "2.5.4.6" => "C",
        "2.5.4.7" => "L",
        "2.5.4.8" => "ST",
        "2.5.4.9" => "street",
        "2.5.4.10" => "O",
        "2.5.4.11" => "OU",
        "2.5.4.12" => "title",
        "2.5.4.42" => "GN",
        "0.9.2342.19200300.100.1.1" => "UID",
        "0.9.2342.19200300.100.1.25" => "DC",
        "1.2.840.113549.1.9.1" => "emailAddress",
        _ => type,
    };

    private static void Append(StringBuilder text, string value)
    {
        for (var i = 0; i < value.Length; i++)
        {
            var isAtEdge = i == 0 || i == value.Length - 1;
            if (value[i] is ',' or '+' or '"' or '\\' or '<' or '>' or ';' || (value[i] == ' ' && isAtEdge) || (value[i] == '#' && i == 0)) text.Append('\\');
            text.Append(value[i]);
        }
    }
}
