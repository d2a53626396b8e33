using System.Management.Automation;

namespace VpnWs.PowerShell;

/// <summary>Ends connections of this session; a tap that a connection made is removed.</summary>
/// <remarks><para>A tap that was given to the connection stays, and can be used again.</para></remarks>
/// <example>
///   <para>Ends one connection.</para>
///   <code>$server = Start-VpnWsServer -Http 127.0.0.1:0
/// $null = Connect-VpnWs $server.Uri -Tap (New-VpnWsTap -Loopback) -Name office
/// Disconnect-VpnWs office</code>
/// </example>
/// <example>
///   <para>Ends all whose link is down.</para>
///   <code>Get-VpnWsConnection | Where-Object State -ne Connected | Disconnect-VpnWs</code>
/// </example>
[Cmdlet(VerbsCommunications.Disconnect, "VpnWs", DefaultParameterSetName = NameSet, SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class DisconnectVpnWsCommand : LanCmdlet
{
    private const string NameSet = "Name";
    private const string ObjectSet = "Object";

    /// <summary>Names or wildcard patterns.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = NameSet)]
    [ArgumentCompleter(typeof(ConnectionCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Connections, as Get-VpnWsConnection and Connect-VpnWs give them.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ObjectSet)]
    [ValidateNotNullOrEmpty]
    public LanConnection[] InputObject { get; set; } = [];

    private protected override void Process()
    {
        foreach (var connection in ParameterSetName == NameSet ? Named(Session.Connections, Name, "Connection") : InputObject)
        {
            if (!ShouldProcess(connection.Name, "End the connection")) continue;
            Wait(_ => connection.CloseAsync());
            WarnOfHandler(connection.Name, connection.LastHandlerError);
        }
    }
}
