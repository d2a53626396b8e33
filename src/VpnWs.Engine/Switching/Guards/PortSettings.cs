using VpnWs.Ethernet;

namespace VpnWs.Switching.Guards;

/// <summary>What limits come to at a port: the buckets are full, and nothing is counted yet.</summary>
internal sealed class PortSettings
{
    /// <param name="limits">What the peer may do; what they do not say is not limited, but for the number of addresses.</param>
    /// <param name="isBridge">Whether the port is a bridge port: the peer asked to be, and may.</param>
    public PortSettings(PortLimits limits, bool isBridge)
    {
        IsBridge = isBridge;
        MaxAddresses = limits.MaxMacs ?? 0;
        AllowedAddresses = limits.Macs is { Count: > 0 } macs ? macs.ToHashSet() : null;
        Storms = TokenBucket.Frames(limits.StormLimit ?? 0);
        Unknowns = TokenBucket.Frames(limits.UnknownLimit ?? 0);
        var sources = limits.Ips is { Count: > 0 } ips ? new SourceAddresses(ips) : null;
        var (dhcp, router) = (limits.DhcpGuard ?? false, limits.RouterGuard ?? false);
        var guard = new PortGuard
        {
            Vlans = limits.TaggedVlans is { } vlans ? VlanMembership.Tagged(vlans) : limits.Vlan is { } vlan ? VlanMembership.Access((ushort)vlan) : null,
            IsolationGroup = string.IsNullOrEmpty(limits.IsolationGroup) ? null : limits.IsolationGroup,
            Packets = dhcp || router || sources is not null ? new PacketGuard(dhcp, router, sources) : null,
            Frames = TokenBucket.Frames(limits.FrameLimit ?? 0),
            Upload = TokenBucket.Bits(limits.UploadLimit ?? 0),
            Download = TokenBucket.Bits(limits.DownloadLimit ?? 0),
        };
        Guard = guard.IsOpen ? null : guard;
    }

    /// <summary>Whether many stations may be behind the port.</summary>
    public bool IsBridge { get; }

    /// <summary>How many addresses the port may hold; 0 for one, and for as many as the switch allows at a bridge port.</summary>
    public int MaxAddresses { get; }

    /// <summary>The only addresses that the port may hold; null for any.</summary>
    public IReadOnlySet<MacAddress>? AllowedAddresses { get; }

    /// <summary>What every frame has to pass; null for nothing.</summary>
    public PortGuard? Guard { get; }

    /// <summary>How many broadcasts and multicasts the port may send; null for any number.</summary>
    public TokenBucket? Storms { get; }

    /// <summary>How many frames to unknown addresses the port may send; null for any number.</summary>
    public TokenBucket? Unknowns { get; }
}
