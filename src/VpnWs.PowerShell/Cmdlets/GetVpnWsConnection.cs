using System.Management.Automation;

namespace VpnWs.PowerShell;

/// <summary>Gets the connections of this session, with their state, traffic, reconnections and last error.</summary>
/// <example>
///   <para>Lists the connections.</para>
///   <code>Get-VpnWsConnection</code>
/// </example>
/// <example>
///   <para>Shows those whose link is down, and why.</para>
///   <code>Get-VpnWsConnection | Where-Object State -ne Connected | Format-List Name, State, LastError</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "VpnWsConnection")]
[OutputType(typeof(LanConnection))]
public sealed class GetVpnWsConnectionCommand : LanCmdlet
{
    /// <summary>Names or wildcard patterns; by default all connections.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(ConnectionCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    private protected override void Process() => WriteObject(Named(Session.Connections, Name, "Connection"), enumerateCollection: true);
}
