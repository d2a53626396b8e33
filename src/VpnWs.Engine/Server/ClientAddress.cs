using System.Net;
using System.Net.Sockets;

namespace VpnWs.Server;

/// <summary>Under which address a client is counted.</summary>
internal static class ClientAddress
{
    private const int SubnetLength = 8;

    /// <summary>
    /// The address itself; of IPv6 the /64, which is what one subscriber has all of. Null, which no limit holds for, is nobody known: this machine
    /// itself, where proxies are that nobody told us of.
    /// </summary>
    public static IPAddress? KeyOf(IPAddress? address)
    {
        if (address is null) return null;
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (IPAddress.IsLoopback(plain)) return null;
        if (plain.AddressFamily != AddressFamily.InterNetworkV6) return plain;
        var bytes = plain.GetAddressBytes();
        bytes.AsSpan(SubnetLength).Clear();
        return new IPAddress(bytes);
    }

    /// <summary>The same of an address as a proxy tells it; null also where that is none.</summary>
    public static IPAddress? KeyOf(string? text) => KeyOf(IPAddress.TryParse(text, out var address) ? address : null);
}
