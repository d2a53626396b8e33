namespace VpnWs.Switching;

/// <summary>The rules of a switch; fixed once it runs.</summary>
internal sealed record SwitchOptions
{
    /// <summary>Whether broadcasts are flooded; where not, they go where a frame to an unknown address goes: to bridge ports. Default true.</summary>
    public bool Broadcast { get; init; } = true;

    /// <summary>Whether multicasts (the group bit, without the broadcast address) are flooded; where not, as with <see cref="Broadcast"/>. Default true.</summary>
    public bool Multicast { get; init; } = true;

    /// <summary>Whether 01:80:c2:00:00:00 to 0f are treated as other multicasts are. Default false: dropped (IEEE 802.1D section 7.12.6).</summary>
    public bool ForwardReserved { get; init; }

    /// <summary>Port isolation: peers that are not bridges reach the server's tap and bridge ports, not each other. Default false.</summary>
    public bool Isolate { get; init; }

    /// <summary>How long a learned address is kept without a frame from it, in milliseconds; default 300,000 (IEEE 802.1D table 7-5).</summary>
    public long AgeingMilliseconds { get; init; } = 300_000;

    /// <summary>How many addresses a bridge port may hold or contest; at least 1, default 1,024.</summary>
    public int MaxAddressesPerBridge { get; init; } = 1024;

    /// <summary>How many addresses there may be in all before bridge ports learn no more; default 65,536. A plain port always may have its one.</summary>
    public int MaxAddresses { get; init; } = 65_536;

    /// <summary>How long the holder of a contested address has to answer a ping, and how far apart two such pings are, in milliseconds; default 3,000.</summary>
    public long ProbeTimeoutMilliseconds { get; init; } = 3000;

    /// <summary>After how much silence a classic peer, which answers no pings, loses a contested address, in milliseconds; default 36,000: it pings every 17 s when idle.</summary>
    public long ClassicSilenceMilliseconds { get; init; } = 36_000;
}
