using System.Globalization;
using System.Net;
using System.Net.Sockets;
using VpnWs.Ethernet;

namespace VpnWs.Taps;

/// <summary>How a tap is made or attached to. What is null or empty is left as the kernel has it.</summary>
public sealed record TapOptions
{
    /// <summary>
    /// The interface's name: 1 to 15 bytes without white space, '/', ':' or control characters; or a pattern such as <c>vpn%d</c>
    /// for the first free number. A persistent tap of that name is attached to.
    /// </summary>
    public required string Name { get; init; }

    /// <summary>The MTU in bytes, on Linux 68 to 65,521; null leaves it as it is, which for a new interface means 1,500.</summary>
    public int? Mtu { get; init; }

    /// <summary>The interface's own address, a station's; null leaves it as it is, which for a new interface means a random one.</summary>
    public MacAddress? Address { get; init; }

    /// <summary>
    /// IPv4 and IPv6 addresses, each with its prefix length (its host bits kept), to give to the interface; those that it has
    /// already stay. An IPv6 address is used at once, without duplicate address detection (RFC 4862 section 5.4).
    /// </summary>
    public IReadOnlyList<InterfaceAddress> IPAddresses { get; init; } = [];

    /// <summary>The name of the kernel bridge to join, or null to leave it as it is.</summary>
    public string? Bridge { get; init; }

    /// <summary>Whether the interface is set up (true) or down (false); null sets it up where <see cref="IPAddresses"/> or <see cref="Bridge"/> is given, and else leaves it.</summary>
    public bool? Up { get; init; }

    /// <summary>Whether the interface outlives the program (TUNSETPERSIST); null leaves it as it is, which for a new one means no.</summary>
    public bool? Persistent { get; init; }

    /// <summary>
    /// The user, by name or number, who may attach to the interface without further rights (TUNSETOWNER). Null leaves it as it
    /// is; a new interface that is made <see cref="Persistent"/> then belongs to the caller, for the kernel lets anybody attach
    /// to one that has no owner.
    /// </summary>
    public string? Owner { get; init; }

    /// <summary>Whether to ask for super-frames and checksum offload (IFF_VNET_HDR, TUN_F_CSUM, TSO and, where the kernel has it, USO); default false.</summary>
    public bool Offload { get; init; }
}

/// <summary>An address of an interface with the length of its network prefix, such as <c>10.0.0.1/24</c>.</summary>
/// <param name="Address">The address, host bits and all.</param>
/// <param name="PrefixLength">The prefix length in bits, 0 to 32 or 128.</param>
public readonly record struct InterfaceAddress(IPAddress Address, int PrefixLength)
{
    /// <summary>Reads <c>10.0.0.1/24</c> or <c>fd00::1/64</c>; without a slash the prefix is the whole address.</summary>
    /// <exception cref="FormatException">The text is not an address with a prefix length.</exception>
    public static InterfaceAddress Parse(string text) =>
        TryParse(text, out var result)
            ? result
            : throw new FormatException($"'{text}' is not an IP address with a prefix length; write it as 10.0.0.1/24 or fd00::1/64.");

    /// <summary>
    /// Reads <c>10.0.0.1/24</c> or <c>fd00::1/64</c>; without a slash the prefix is the whole address. Short, octal and
    /// hexadecimal forms of IPv4, and IPv6 with brackets or a zone, are not addresses here.
    /// </summary>
    public static bool TryParse(string? text, out InterfaceAddress result)
    {
        result = default;
        if (text is null) return false;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var bare = slash < 0 ? text : text[..slash];
        if (!IPAddress.TryParse(bare, out var address)) return false;
        var isFour = address.AddressFamily == AddressFamily.InterNetwork;
        if (isFour ? address.ToString() != bare : bare.AsSpan().ContainsAny('[', '%')) return false;
        var bits = isFour ? 32 : 128;
        var prefix = bits;
        if (slash >= 0 && (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out prefix) || prefix > bits))
            return false;
        result = new InterfaceAddress(address, prefix);
        return true;
    }

    /// <summary>The address as <c>10.0.0.1/24</c>.</summary>
    public override string ToString() => $"{Address}/{PrefixLength}";
}
