using System.Management.Automation;

namespace VpnWs.PowerShell;

/// <summary>Gets the taps of this session: those of New-VpnWsTap, and those that servers and connections made for themselves.</summary>
/// <example>
///   <para>Lists the taps.</para>
///   <code>Get-VpnWsTap</code>
/// </example>
/// <example>
///   <para>Lists those that nothing uses.</para>
///   <code>Get-VpnWsTap | Where-Object -Not UsedBy</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "VpnWsTap")]
[OutputType(typeof(LanTap))]
public sealed class GetVpnWsTapCommand : LanCmdlet
{
    /// <summary>Names or wildcard patterns; by default all taps.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(ListedTapCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    private protected override void Process() => WriteObject(Named(Session.Taps, Name, "Tap"), enumerateCollection: true);
}
