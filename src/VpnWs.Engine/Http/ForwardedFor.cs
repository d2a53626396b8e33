using System.Net;

namespace VpnWs.Http;

/// <summary>Reads <c>X-Forwarded-For</c>: the client's address, then that of each proxy on the way but the last.</summary>
internal static class ForwardedFor
{
    /// <summary>The last address in the list that is no trusted proxy's: what stands before it may be the client's own invention.</summary>
    /// <param name="list">The field's value, or null.</param>
    /// <param name="trusted">The networks of the trusted proxies.</param>
    /// <returns>Null where there is no list, or something in it that is no address.</returns>
    public static string? ClientOf(string? list, IReadOnlyList<IPNetwork> trusted)
    {
        IPAddress? found = null;
        foreach (var item in HeadText.Items(list ?? "").Reverse())
        {
            if (!TryParse(item, out found)) return null;
            if (!Contains(trusted, found)) break;
        }

        return found?.ToString();
    }

    /// <summary>Whether an address is in one of the networks; one of IPv4 counts as such also where it comes in the form of IPv6.</summary>
    public static bool Contains(IReadOnlyList<IPNetwork> networks, IPAddress address) => networks.Any(network => network.Contains(Plain(address)));

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    // Some proxies add the port; an IPv6 address is then in brackets.
    private static bool TryParse(string text, out IPAddress address)
    {
        var parsed = IPAddress.TryParse(text, out var alone) ? alone : IPEndPoint.TryParse(text, out var endPoint) ? endPoint.Address : null;
        address = Plain(parsed ?? IPAddress.None);
        return parsed is not null;
    }
}
