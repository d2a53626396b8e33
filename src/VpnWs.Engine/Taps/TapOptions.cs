using System.Net;
using VpnWs.Ethernet;

namespace VpnWs.Taps;

/// <summary>How a tap is made or attached to. What is null or empty is left as the kernel has it.</summary>
public sealed record TapOptions
{
    /// <summary>The interface's name, 1 to 15 bytes, or a pattern such as <c>vpn%d</c> for the first free number. Existing persistent taps are attached to.</summary>
    public required string Name { get; init; }

    /// <summary>The MTU in bytes, 68 to 65,521; null leaves the kernel's default (1,500).</summary>
    public int? Mtu { get; init; }

    /// <summary>The interface's own address; null leaves the one that the kernel drew.</summary>
    public MacAddress? Address { get; init; }

    /// <summary>IPv4 and IPv6 addresses, each with its prefix length (its host bits kept), to give to the interface.</summary>
    public IReadOnlyList<InterfaceAddress> IPAddresses { get; init; } = [];

    /// <summary>The name of the kernel bridge to join, or null.</summary>
    public string? Bridge { get; init; }

    /// <summary>Whether to set the interface up; null does so where <see cref="IPAddresses"/> or <see cref="Bridge"/> is given.</summary>
    public bool? Up { get; init; }

    /// <summary>Whether the interface outlives the program (TUNSETPERSIST); null leaves it as it is, which for a new one means no.</summary>
    public bool? Persistent { get; init; }

    /// <summary>The user, by name or number, who may attach to the interface without further rights (TUNSETOWNER); null for none.</summary>
    public string? Owner { get; init; }

    /// <summary>Whether to ask for super-frames and checksum offload (IFF_VNET_HDR); default false.</summary>
    public bool Offload { get; init; }
}

/// <summary>An address of an interface with the length of its network prefix, such as <c>10.0.0.1/24</c>.</summary>
/// <param name="Address">The address, host bits and all.</param>
/// <param name="PrefixLength">The prefix length in bits, 0 to 32 or 128.</param>
public readonly record struct InterfaceAddress(IPAddress Address, int PrefixLength)
{
    /// <summary>Reads <c>10.0.0.1/24</c> or <c>fd00::1/64</c>; without a slash the prefix is the whole address.</summary>
    public static bool TryParse(string? text, out InterfaceAddress result)
    {
        result = default;
        if (text is null) return false;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!IPAddress.TryParse(slash < 0 ? text : text.AsSpan(0, slash), out var address)) return false;
        var bits = address.GetAddressBytes().Length * 8;
        var prefix = bits;
        if (slash >= 0 && (!int.TryParse(text.AsSpan(slash + 1), System.Globalization.NumberStyles.None, null, out prefix) || prefix > bits)) return false;
        result = new InterfaceAddress(address, prefix);
        return true;
    }

    /// <summary>The address as <c>10.0.0.1/24</c>.</summary>
    public override string ToString() => $"{Address}/{PrefixLength}";
}
