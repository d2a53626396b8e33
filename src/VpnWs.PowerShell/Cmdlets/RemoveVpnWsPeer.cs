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
public sealed class RemoveVpnWsPeerCommand : PeerCmdlet
{
    private const string ObjectSet = "Object";

    /// <summary>Peers, as Get-VpnWsPeer gives them.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ObjectSet)]
    [ValidateNotNullOrEmpty]
    public LanPeer[] InputObject { get; set; } = [];

    /// <summary>The ids of peers.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ServerSet)]
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathSet)]
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = UriSet)]
    [ArgumentCompleter(typeof(PeerIdCompleter))]
    [ValidateNotNullOrEmpty]
    public long[] Id { get; set; } = [];

    /// <summary>The server of this session whose peers are meant, as an object or name; needed where several servers have a peer of that id.</summary>
    [Parameter(ParameterSetName = ServerSet)]
    [ArgumentCompleter(typeof(ServerCompleter))]
    [ValidateNotNullOrEmpty]
    public ServerSource[]? Server { get; set; }

    /// <summary>Gives the removed peers to the pipeline.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Process()
    {
        foreach (var peer in ParameterSetName == ObjectSet ? InputObject : ById(Server, Id))
        {
            if (peer.IsTap)
            {
                WriteError(Failures.Record(
                    new LanException("TapNotRemovable", ErrorCategory.InvalidOperation, $"Port {peer.Id} of {peer.Server} is the server's own tap.", "Stop the server to remove its tap."), peer));
            }
            else if (ShouldProcess(peer.ToString(), "Remove the peer"))
            {
                Remove(peer);
            }
        }
    }

    private void Remove(LanPeer peer)
    {
        try
        {
            if (!Wait(stop => peer.Source.KillAsync(peer.Id, stop))) throw NotFound(peer.Id);
            if (PassThru) WriteObject(peer);
        }
        catch (Exception e) when (e is not PipelineStoppedException && Failures.IsExpected(e))
        {
            WriteError(Failures.Record(e, peer));
        }
    }
}
