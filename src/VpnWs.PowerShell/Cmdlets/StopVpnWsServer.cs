using System.Management.Automation;

namespace VpnWs.PowerShell;

/// <summary>Stops servers of this session: every peer is told, and a tap that the server made is removed.</summary>
/// <remarks><para>A tap that was given to the server stays, and can be used again.</para></remarks>
/// <example>
///   <para>Stops one server.</para>
///   <code>$null = Start-VpnWsServer -Http 127.0.0.1:0 -Name office
/// Stop-VpnWsServer office</code>
/// </example>
/// <example>
///   <para>Stops all servers that have no peers.</para>
///   <code>Get-VpnWsServer | Where-Object PeerCount -eq 0 | Stop-VpnWsServer</code>
/// </example>
[Cmdlet(VerbsLifecycle.Stop, "VpnWsServer", DefaultParameterSetName = NameSet, SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class StopVpnWsServerCommand : LanCmdlet
{
    private const string NameSet = "Name";
    private const string ObjectSet = "Object";

    /// <summary>Names or wildcard patterns.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = NameSet)]
    [ArgumentCompleter(typeof(ServerCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Servers, as Get-VpnWsServer and Start-VpnWsServer give them.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ObjectSet)]
    [ValidateNotNullOrEmpty]
    public LanServer[] InputObject { get; set; } = [];

    private protected override void Process()
    {
        foreach (var server in ParameterSetName == NameSet ? Named(Session.Servers, Name, "Server") : InputObject)
        {
            if (!ShouldProcess(server.Name, "Stop the server")) continue;
            Wait(_ => server.CloseAsync());
            WarnOfHandler(server.Name, server.LastHandlerError);
        }
    }
}
