using System.Management.Automation;

namespace VpnWs.PowerShell;

/// <summary>Ends the connections of peers: of the servers of this session, or of any running vpn-ws over its control interface.</summary>
/// <remarks><para>A peer may connect again; to keep it out, take its credentials away where the web server has them.</para></remarks>
/// <example>
///   <para>Removes those from whom nothing came for an hour.</para>
///   <code>Get-VpnWsPeer | Where-Object IdleTime -gt 1h | Remove-VpnWsPeer</code>
/// </example>
/// <example>
///   <para>Shows what would be removed.</para>
///   <code>Get-VpnWsPeer -User guest* | Remove-VpnWsPeer -WhatIf</code>
/// </example>
/// <example>
///   <para>Removes the peer with the number 7 from a server that runs as a service. Takes the right to its socket.</para>
///   <code>Remove-VpnWsPeer -Id 7 -ControlPath /run/vpn.sock</code>
/// </example>
[Cmdlet(VerbsCommon.Remove, "VpnWsPeer", DefaultParameterSetName = ServerSet, SupportsShouldProcess = true)]
[OutputType(typeof(LanPeer))]
public sealed class RemoveVpnWsPeerCommand : PeerActionCmdlet
{
    /// <summary>Gives the removed peers to the pipeline.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Process() => Act(
        "Remove the peer",
        static tap => new LanException("TapNotRemovable", ErrorCategory.InvalidOperation, $"Port {tap.Id} of {tap.Server} is the server's own tap.", "Stop the server to remove its tap."),
        static (peer, stop) => peer.Source.KillAsync(peer.Id, stop),
        peer =>
        {
            if (PassThru) WriteObject(peer);
        });
}
