using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace VpnWs.Transport;

/// <summary>
/// Writes the subject of a certificate as RFC 4514 and nginx's <c>$ssl_client_s_dn</c> do: the last part first, parted by commas alone. What a value holds cannot
/// be taken for another part of the name.
/// </summary>
internal static class SubjectText
{
    /// <summary>The subject's text.</summary>
    public static string Of(X500DistinguishedName subject)
    {
        var text = new StringBuilder();
        foreach (var part in subject.EnumerateRelativeDistinguishedNames(reversed: true))
        {
            if (text.Length > 0) text.Append(',');
            try
            {
                AppendPart(text, part.RawData);
            }
            catch (AsnContentException)
            {
                AppendBytes(text, part.RawData.Span);
            }
        }

        return text.ToString();
    }

    private static void AppendPart(StringBuilder text, ReadOnlyMemory<byte> encoded)
    {
        var pairs = new AsnReader(encoded, AsnEncodingRules.BER).ReadSetOf(skipSortOrderValidation: true);
        var written = new Stack<string>();
        while (pairs.HasData)
        {
            var pair = pairs.ReadSequence();
            var type = pair.ReadObjectIdentifier();
            var keyword = Keyword(type);
            var one = new StringBuilder(keyword ?? type).Append('=');
            var value = pair.ReadEncodedValue();
            // RFC 4514 section 2.4: the value of a type without a keyword is written as bytes.
            if (keyword is not null && TryReadString(value) is { } words) Append(one, words);
            else AppendBytes(one, value.Span);
            written.Push(one.ToString());
        }

        text.AppendJoin('+', written);
    }

    private static string? TryReadString(ReadOnlyMemory<byte> encoded)
    {
        try
        {
            var reader = new AsnReader(encoded, AsnEncodingRules.BER);
            var tag = reader.PeekTag();
            return tag.TagClass == TagClass.Universal ? reader.ReadCharacterString((UniversalTagNumber)tag.TagValue) : null;
        }
        catch (Exception e) when (e is AsnContentException or ArgumentException)
        {
            return null;
        }
    }

    private static void AppendBytes(StringBuilder text, ReadOnlySpan<byte> encoded) => text.Append('#').Append(Convert.ToHexString(encoded));

    private static string? Keyword(string type) => type switch
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
        _ => null,
    };

    private static void Append(StringBuilder text, string value)
    {
        for (var i = 0; i < value.Length; i++)
        {
            var isAtEdge = i == 0 || i == value.Length - 1;
            if (value[i] is < ' ' or '\x7f')
            {
                text.Append('\\').Append(Convert.ToHexString([(byte)value[i]]));
                continue;
            }

            if (value[i] is ',' or '+' or '"' or '\\' or '<' or '>' or ';' || (value[i] == ' ' && isAtEdge) || (value[i] == '#' && i == 0)) text.Append('\\');
            text.Append(value[i]);
        }
    }
}
