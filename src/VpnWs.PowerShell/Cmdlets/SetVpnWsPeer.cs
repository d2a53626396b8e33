using System.Management.Automation;
using VpnWs.Ethernet;
using VpnWs.Switching.Guards;

namespace VpnWs.PowerShell;

/// <summary>Changes what connected peers may do: of the servers of this session, or of any running vpn-ws of ours over its control interface.</summary>
/// <remarks>
/// <para>What is not given stays as it is. A change holds until the peer leaves, or until other rules say something else of it; what shall hold for longer belongs into the rules of the server.</para>
/// <para>A limit of 0 means any number. Numbers by the second may be written 500k, 20M or 1.5G.</para>
/// </remarks>
/// <example>
///   <para>Gives guests less bandwidth, and keeps them apart from each other.</para>
///   <code>Get-VpnWsPeer -User guest* | Set-VpnWsPeer -UploadLimit 5M -DownloadLimit 20M -IsolationGroup guests</code>
/// </example>
/// <example>
///   <para>Lets a peer be router and DHCP server.</para>
///   <code>Get-VpnWsPeer -User gateway | Set-VpnWsPeer -DhcpGuard $false -RouterGuard $false</code>
/// </example>
/// <example>
///   <para>Fixes the addresses of the peer with the number 7 of a server that runs as a service. Takes the right to its socket.</para>
///   <code>Set-VpnWsPeer -Id 7 -ControlPath /run/vpn.sock -Mac 02:00:00:00:00:07 -IP 10.0.0.7, fd00::7</code>
/// </example>
[Cmdlet(VerbsCommon.Set, "VpnWsPeer", DefaultParameterSetName = ServerSet, SupportsShouldProcess = true)]
[OutputType(typeof(LanPeer))]
public sealed class SetVpnWsPeerCommand : PeerActionCmdlet
{
    // Parameters that are settings, and what the rules file calls them.
    private static readonly (string Parameter, string Setting)[] Settings =
    [
        (nameof(Bridge), "bridge"), (nameof(MaxMacs), "maxMacs"), (nameof(Mac), "macs"), (nameof(IP), "ips"), (nameof(DhcpGuard), "dhcpGuard"), (nameof(RouterGuard), "routerGuard"),
        (nameof(IsolationGroup), "isolationGroup"), (nameof(Vlan), "vlan"), (nameof(TaggedVlan), "taggedVlans"), (nameof(UploadLimit), "uploadLimit"), (nameof(DownloadLimit), "downloadLimit"),
        (nameof(StormLimit), "stormLimit"), (nameof(UnknownLimit), "unknownLimit"), (nameof(FrameLimit), "frameLimit"),
    ];

    /// <summary>Whether the peer may be a bridge, if it asked to be when it connected.</summary>
    [Parameter]
    public bool Bridge { get; set; }

    /// <summary>How many MAC addresses the peer may have at once.</summary>
    [Parameter]
    [ValidateRange(1, 1_000_000)]
    public int MaxMacs { get; set; }

    /// <summary>The only MAC addresses that the peer may have; an empty list allows any that nobody has.</summary>
    [Parameter]
    [AllowEmptyCollection]
    public MacAddress[] Mac { get; set; } = [];

    /// <summary>The only IP addresses and networks that the peer may send from, in IPv4, IPv6, ARP and Neighbor Discovery; an empty list allows any.</summary>
    [Parameter]
    [AllowEmptyCollection]
    public string[] IP { get; set; } = [];

    /// <summary>Whether to drop what a DHCP server sends.</summary>
    [Parameter]
    public bool DhcpGuard { get; set; }

    /// <summary>Whether to drop router advertisements and redirects.</summary>
    [Parameter]
    public bool RouterGuard { get; set; }

    /// <summary>The isolation group, whose peers do not reach each other; an empty text for none.</summary>
    [Parameter]
    [AllowEmptyString]
    public string IsolationGroup { get; set; } = "";

    /// <summary>The VLAN whose frames the peer sends and gets without tags; 0 for the LAN without tags.</summary>
    [Parameter]
    [ValidateRange(0, VlanRange.Highest)]
    public int Vlan { get; set; }

    /// <summary>The VLANs whose frames the peer sends and gets with tags, such as 10, '20-29'; 0 stands for frames without a tag.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] TaggedVlan { get; set; } = [];

    /// <summary>How many bits a second the peer may send.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? UploadLimit { get; set; }

    /// <summary>How many bits a second the peer may get.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? DownloadLimit { get; set; }

    /// <summary>How many broadcasts and multicasts a second the peer may send.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? StormLimit { get; set; }

    /// <summary>How many frames to unknown addresses a second the peer may send.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? UnknownLimit { get; set; }

    /// <summary>How many frames a second the peer may send.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? FrameLimit { get; set; }

    /// <summary>Gives the peers, as they are then, to the pipeline.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Process()
    {
        var given = Settings.Where(setting => MyInvocation.BoundParameters.ContainsKey(setting.Parameter)).Select(setting => KeyValuePair.Create(setting.Setting, (object?)MyInvocation.BoundParameters[setting.Parameter]));
        var change = RuleObjects.ReadLimits(given);
        Act(
            $"Change the limits: {change}",
            static tap => new LanException("TapNotLimited", ErrorCategory.InvalidOperation, $"Port {tap.Id} of {tap.Server} is the server's own tap, which has no limits.", "Leave it out."),
            (peer, stop) => peer.Source.ChangeLimitsAsync(peer.Id, change, stop),
            peer =>
            {
                if (PassThru) WriteObject(Ask(peer.Source).Where(now => now.Id == peer.Id), enumerateCollection: true);
            });
    }
}
