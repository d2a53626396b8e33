using System.Management.Automation;
using System.Text.RegularExpressions;

namespace VpnWs.PowerShell;

/// <summary>Gets the peers of the servers of this session, or of any running vpn-ws, ours or the C one, over its control interface.</summary>
/// <remarks>
/// <para>A peer is what it was at the moment of asking. It knows its server, so Remove-VpnWsPeer finds it there, also where that is another machine.</para>
/// <para>IdleTime compares with text such as 90s, 15m, 1h or 2d. The C server tells no idle times and counts no frames: these are 0.</para>
/// </remarks>
/// <example>
///   <para>Lists the peers of all servers of this session.</para>
///   <code>Get-VpnWsPeer</code>
/// </example>
/// <example>
///   <para>Removes those from whom nothing came for an hour.</para>
///   <code>Get-VpnWsPeer | Where-Object IdleTime -gt 1h | Remove-VpnWsPeer</code>
/// </example>
/// <example>
///   <para>Lists the peers of a server that runs as a service, with their addresses. Takes the right to its socket.</para>
///   <code>Get-VpnWsPeer -ControlPath /run/vpn.sock | Format-Table -View Mac</code>
/// </example>
/// <example>
///   <para>Lists the peers of a server behind a web server, whose name begins with j. Takes a server at that address.</para>
///   <code>Get-VpnWsPeer -ControlUri https://vpn.example.com/vpn_admin -Credential (Get-Credential) -User j*</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "VpnWsPeer", DefaultParameterSetName = ServerSet)]
[OutputType(typeof(LanPeer))]
public sealed partial class GetVpnWsPeerCommand : PeerCmdlet
{
    /// <summary>Servers of this session, as objects, names or wildcard patterns; by default all.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = ServerSet)]
    [ArgumentCompleter(typeof(ServerCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public ServerSource[]? Server { get; set; }

    /// <summary>Only the peers with these ids.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(PeerIdCompleter))]
    [ValidateNotNullOrEmpty]
    public long[]? Id { get; set; }

    /// <summary>Only peers with an address that matches one of these wildcard patterns, such as 02:00:*.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(PeerMacCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? MacAddress { get; set; }

    /// <summary>Only peers whose user matches one of these wildcard patterns.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? User { get; set; }

    /// <summary>Only peers that connect from where one of these wildcard patterns matches, such as 192.0.2.*.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? RemoteAddress { get; set; }

    /// <summary>The server's own tap as well, which is a port of the switch like a peer.</summary>
    [Parameter]
    public SwitchParameter IncludeTap { get; set; }

    private protected override void Process()
    {
        var macs = Read(MacAddress?.Select(static mac => HyphenOutsideSets().Replace(mac, static match => match.Value == "-" ? ":" : match.Value)));
        var users = Read(User);
        var addresses = Read(RemoteAddress);
        foreach (var source in Sources(Server))
        {
            WriteVerbose($"Asking {source.Name} for its peers.");
            WriteObject(
                Ask(source).Where(peer =>
                    (IncludeTap || !peer.IsTap)
                    && (Id is null || Id.Contains(peer.Id))
                    && (macs is null || peer.Addresses.Any(mac => Patterns.Match(macs, mac.ToString())))
                    && (users is null || Patterns.Match(users, peer.User))
                    && (addresses is null || Patterns.Match(addresses, peer.RemoteAddress))),
                enumerateCollection: true);
        }
    }

    private static WildcardPattern[]? Read(IEnumerable<string>? texts) => texts is null ? null : [.. texts.Select(Patterns.Read)];

    // In [2-6] it is a range of characters.
    [GeneratedRegex(@"\[[^\]]*\]|-")]
    private static partial Regex HyphenOutsideSets();
}
