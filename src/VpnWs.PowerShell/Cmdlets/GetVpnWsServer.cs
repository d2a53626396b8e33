using System.Management.Automation;

namespace VpnWs.PowerShell;

/// <summary>Gets the servers of this session.</summary>
/// <example>
///   <para>Lists the servers.</para>
///   <code>Get-VpnWsServer</code>
/// </example>
/// <example>
///   <para>Shows where they are reached.</para>
///   <code>Get-VpnWsServer | Format-List Name, Address, Http, Uri</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "VpnWsServer")]
[OutputType(typeof(LanServer))]
public sealed class GetVpnWsServerCommand : LanCmdlet
{
    /// <summary>Names or wildcard patterns; by default all servers.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(ServerCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    private protected override void Process() => WriteObject(Named(Session.Servers, Name, "Server"), enumerateCollection: true);
}
