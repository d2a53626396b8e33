using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace VpnWs.Http;

/// <summary>The user and password of an <c>Authorization: Basic</c> header field (RFC 7617).</summary>
internal readonly record struct BasicCredentials(string User, string Password)
{
    private const string Scheme = "Basic ";

    /// <summary>Reads the field's value; false where it is of another scheme or damaged.</summary>
    public static bool TryParse(string? value, out BasicCredentials credentials)
    {
        credentials = default;
        if (value is null || !value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return false;
        var bytes = Encoding.Latin1.GetBytes(value[Scheme.Length..].Trim());
        if (Base64.DecodeFromUtf8InPlace(bytes, out var length) != OperationStatus.Done) return false;
        var text = HeadText.Decode(bytes.AsSpan(0, length));
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || text.Contains('\0', StringComparison.Ordinal)) return false;
        credentials = new BasicCredentials(text[..colon], text[(colon + 1)..]);
        return true;
    }

    /// <summary>Shows no password.</summary>
    public override string ToString() => User;
}
