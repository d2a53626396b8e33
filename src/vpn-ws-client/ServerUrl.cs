using System.Net;

namespace VpnWs.ClientProgram;

/// <summary>Reads URLs with credentials in them. No message shows the text: it may hold a password.</summary>
internal static class ServerUrl
{
    /// <summary>Reads the URL of the server (RFC 6455 section 3) and takes the credentials out of it.</summary>
    /// <returns>The URL without credentials, and the credentials or null.</returns>
    /// <exception cref="FormatException">It is no <c>ws://</c> or <c>wss://</c> URL.</exception>
    public static (Uri Uri, NetworkCredential? Credentials) Parse(string text)
    {
        var (uri, credentials) = Split(text, ["ws", "wss"]);
        return uri.Fragment.Length == 0 ? (uri, credentials) : throw new FormatException("the URL has a #fragment, which a WebSocket's may not have");
    }

    /// <summary>Reads the URL of a proxy, which may hold credentials.</summary>
    /// <exception cref="FormatException">It is no URL of a proxy.</exception>
    public static WebProxy ParseProxy(string text)
    {
        var (uri, credentials) = Split(text, ["http", "https", "socks4", "socks4a", "socks5"]);
        return new WebProxy(uri) { Credentials = credentials };
    }

    /// <summary>Fills what the URL leaves open from the environment, where a password is out of sight of other users.</summary>
    /// <exception cref="FormatException">The user name is one that cannot be sent (RFC 7617 section 2).</exception>
    public static NetworkCredential? Complete(NetworkCredential? credentials, string? user, string? password)
    {
        if (credentials is null && user is null) return null;
        var name = credentials?.UserName ?? user ?? "";
        if (name.Contains(':', StringComparison.Ordinal)) throw new FormatException("a user name with a colon cannot be sent");
        return new NetworkCredential(name, credentials?.Password is { Length: > 0 } given ? given : password ?? "");
    }

    /// <summary>The URL as a log may show it: without credentials and without the query, where browsers' tokens go.</summary>
    public static string Redact(Uri uri) =>
        uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped) + (uri.Query.Length > 0 ? "?..." : "");

    private static (Uri Uri, NetworkCredential? Credentials) Split(string text, ReadOnlySpan<string> schemes)
    {
        var known = false;
        foreach (var scheme in schemes) known |= text.StartsWith(scheme + "://", StringComparison.OrdinalIgnoreCase);
        if (!known) throw new FormatException($"the URL must begin with {string.Join(":// or ", schemes)}://");
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
            throw new FormatException("the URL is not valid; in a user name or password write special characters as %40 (@), %2F (/), %3A (:) and so on");
        if (uri.UserInfo.Length == 0) return (uri, null);
        var colon = uri.UserInfo.IndexOf(':', StringComparison.Ordinal);
        var credentials = new NetworkCredential(
            Uri.UnescapeDataString(colon < 0 ? uri.UserInfo : uri.UserInfo[..colon]),
            colon < 0 ? "" : Uri.UnescapeDataString(uri.UserInfo[(colon + 1)..]));
        return (new Uri(uri.GetComponents(UriComponents.AbsoluteUri & ~UriComponents.UserInfo, UriFormat.UriEscaped)), credentials);
    }
}
