using System.Net;
using VpnWs.Ethernet;

namespace VpnWs.Switching.Guards;

/// <summary>What a peer may do. A member that is null says nothing, and what stands behind it holds: a rule, the defaults of the rules, the defaults of the server.</summary>
public record PortLimits
{
    /// <summary>What holds for a peer where rules are but say nothing: no bridge, no answers of a DHCP server, no router advertisements, no VLAN tags.</summary>
    internal static readonly PortLimits WithRules = new() { Bridge = false, DhcpGuard = true, RouterGuard = true, Vlan = 0 };

    /// <summary>Whether a peer that asks to be a bridge may: many addresses behind it, and frames to unknown addresses go there. Default false.</summary>
    public bool? Bridge { get; init; }

    /// <summary>How many MAC addresses the peer may have at once, 1 to 1,000,000. Default 1, and as many as the server allows (1,024) for a bridge.</summary>
    public int? MaxMacs { get; init; }

    /// <summary>The only MAC addresses that the peer may have; empty, the default, for any that nobody has.</summary>
    public IReadOnlyList<MacAddress>? Macs { get; init; }

    /// <summary>
    /// The only IP addresses and networks that the peer may send from, in IPv4, IPv6, ARP and Neighbor Discovery; besides the link-local IPv6 address that is made of its
    /// MAC, and what a station says before it has an address. Empty, the default, for any.
    /// </summary>
    public IReadOnlyList<IPNetwork>? Ips { get; init; }

    /// <summary>Whether what a DHCP server sends (DHCPv4, DHCPv6) is dropped. Default true where there are rules.</summary>
    public bool? DhcpGuard { get; init; }

    /// <summary>Whether router advertisements and redirects are dropped (RFC 6105, RFC 7113). Default true where there are rules.</summary>
    public bool? RouterGuard { get; init; }

    /// <summary>Peers of one isolation group do not reach each other; empty, the default, for none.</summary>
    public string? IsolationGroup { get; init; }

    /// <summary>The VLAN, 1 to 4,094, whose frames the peer sends and gets without tags; 0, the default where there are rules, for the LAN without tags.</summary>
    public int? Vlan { get; init; }

    /// <summary>The VLANs whose frames the peer sends and gets with tags, in place of <see cref="Vlan"/>; 0 in the list stands for frames without a tag.</summary>
    public IReadOnlyList<VlanRange>? TaggedVlans { get; init; }

    /// <summary>How many bits the peer may send in a second; 0, the default, for any number.</summary>
    public long? UploadLimit { get; init; }

    /// <summary>How many bits the peer may get in a second; 0, the default, for any number.</summary>
    public long? DownloadLimit { get; init; }

    /// <summary>How many broadcasts and multicasts the peer may send in a second; 0 for any number. Default 1,000, and any number for a bridge.</summary>
    public long? StormLimit { get; init; }

    /// <summary>How many frames to unknown addresses the peer may send in a second; 0, the default, for any number.</summary>
    public long? UnknownLimit { get; init; }

    /// <summary>How many frames the peer may send in a second, a super-frame counting as its segments; 0, the default, for any number.</summary>
    public long? FrameLimit { get; init; }

    /// <summary>Reads limits as the rules file has them: a JSON object.</summary>
    /// <exception cref="FormatException">They are broken; the message says how.</exception>
    public static PortLimits Parse(ReadOnlySpan<byte> utf8)
    {
        var limits = RulesJson.ReadLimits(utf8);
        return limits.Fault() is { } fault ? throw new FormatException(fault) : limits;
    }

    /// <summary>What holds where these are put before others.</summary>
    /// <param name="others">What stands behind.</param>
    public PortLimits Over(PortLimits others)
    {
        ArgumentNullException.ThrowIfNull(others);
        // The one takes the place of the other.
        var hasVlans = Vlan is not null || TaggedVlans is not null;
        return new PortLimits
        {
            Bridge = Bridge ?? others.Bridge,
            MaxMacs = MaxMacs ?? others.MaxMacs,
            Macs = Macs ?? others.Macs,
            Ips = Ips ?? others.Ips,
            DhcpGuard = DhcpGuard ?? others.DhcpGuard,
            RouterGuard = RouterGuard ?? others.RouterGuard,
            IsolationGroup = IsolationGroup ?? others.IsolationGroup,
            Vlan = hasVlans ? Vlan : others.Vlan,
            TaggedVlans = hasVlans ? TaggedVlans : others.TaggedVlans,
            UploadLimit = UploadLimit ?? others.UploadLimit,
            DownloadLimit = DownloadLimit ?? others.DownloadLimit,
            StormLimit = StormLimit ?? others.StormLimit,
            UnknownLimit = UnknownLimit ?? others.UnknownLimit,
            FrameLimit = FrameLimit ?? others.FrameLimit,
        };
    }

    /// <summary>The limits as the rules file has them.</summary>
    public sealed override string ToString() => RulesJson.Write(this);

    /// <summary>Why they cannot be, or null.</summary>
    internal string? Fault() =>
        Vlan is not null && TaggedVlans is not null ? "give vlan (without tags) or taggedVlans, not both"
        : MaxMacs is < 1 or > RuleBounds.MostMacs ? $"maxMacs must be from 1 to {RuleBounds.MostMacs}"
        : Vlan is < 0 or > VlanRange.Highest ? $"vlan must be from 0 to {VlanRange.Highest}"
        : Macs is { Count: > RuleBounds.MostListed } ? $"there may be {RuleBounds.MostListed} macs at most"
        : Macs?.FirstOrDefault(static mac => mac.IsGroup || mac.IsZero) is { IsZero: false } group ? $"{group} is a group, which no station has"
        : Ips is { Count: > RuleBounds.MostIps } ? $"there may be {RuleBounds.MostIps} ips at most; join them to networks"
        : TaggedVlans is { Count: > RuleBounds.MostListed } ? $"there may be {RuleBounds.MostListed} taggedVlans at most; join them to ranges"
        : IsolationGroup?.Length > RuleBounds.LongestName ? $"isolationGroup may have {RuleBounds.LongestName} signs at most"
        : new[] { UploadLimit, DownloadLimit, StormLimit, UnknownLimit, FrameLimit }.Any(static limit => limit is < 0 or > RuleBounds.HighestRate) ? $"a limit must be from 0 (none) to {RuleBounds.HighestRate}"
        : null;
}

/// <summary>How much a rule may say, so that what it says costs the same for every frame.</summary>
internal static class RuleBounds
{
    public const int MostMacs = 1_000_000;
    public const int MostListed = 1024;
    public const int MostIps = 32;
    public const int MostRules = 10_000;
    public const long HighestRate = 1_000_000_000_000;
    public const int LongestPattern = 1024;
    public const int LongestName = 256;
}
