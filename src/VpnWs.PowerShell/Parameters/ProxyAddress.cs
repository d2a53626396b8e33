using System.Management.Automation;
using System.Net;

namespace VpnWs.PowerShell;

/// <summary>Reads the values of -Proxy and -ProxyCredential. No message shows them: there may be a password in them.</summary>
internal static class ProxyAddress
{
    /// <summary>The proxy to go through.</summary>
    /// <param name="address">Where it is, perhaps with USER:PASSWORD@ in it.</param>
    /// <param name="credential">The user and password for it; they win over those in the address.</param>
    /// <exception cref="LanException">It is no address of a proxy, or there are credentials for none.</exception>
    public static WebProxy Read(Uri? address, PSCredential? credential)
    {
        if (address is null) throw Bad("-ProxyCredential is for the proxy of -Proxy, which is not given.");
        if (!address.IsAbsoluteUri || address.Scheme is not ("http" or "https" or "socks4" or "socks4a" or "socks5") || address.Host.Length == 0)
            throw Bad("-Proxy must start with http://, https://, socks4://, socks4a:// or socks5://, and name a host.");
        if (address.AbsolutePath.Length > 1 || address.Query.Length + address.Fragment.Length > 0) throw Bad("-Proxy must end with the host or the port.");
        return new WebProxy(new Uri(address.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped)))
        {
            Credentials = credential?.GetNetworkCredential() ?? Within(address.UserInfo),
        };
    }

    private static NetworkCredential? Within(string userInfo)
    {
        if (userInfo.Length == 0) return null;
        var parts = userInfo.Split(':', 2);
        return new NetworkCredential(Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "");
    }

    private static LanException Bad(string message) =>
        new("ProxyInvalid", ErrorCategory.InvalidArgument, message, "Write it as -Proxy http://proxy.example.com:3128, with -ProxyCredential where it wants a password.");
}
