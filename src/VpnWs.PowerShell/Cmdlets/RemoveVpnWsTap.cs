using System.Management.Automation;

namespace VpnWs.PowerShell;

/// <summary>Closes taps of this session, which removes their interfaces; a persistent one is deleted.</summary>
/// <remarks><para>A tap that a server or a connection uses is not removed: end that first.</para></remarks>
/// <example>
///   <para>Removes one tap.</para>
///   <code>$null = New-VpnWsTap -Loopback -Name office
/// Remove-VpnWsTap office</code>
/// </example>
/// <example>
///   <para>Removes all that nothing uses.</para>
///   <code>Get-VpnWsTap | Where-Object -Not UsedBy | Remove-VpnWsTap</code>
/// </example>
[Cmdlet(VerbsCommon.Remove, "VpnWsTap", DefaultParameterSetName = NameSet, SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class RemoveVpnWsTapCommand : LanCmdlet
{
    private const string NameSet = "Name";
    private const string ObjectSet = "Object";

    /// <summary>Names or wildcard patterns.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = NameSet)]
    [ArgumentCompleter(typeof(RemovableTapCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Taps, as Get-VpnWsTap gives them.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ObjectSet)]
    [ValidateNotNullOrEmpty]
    public LanTap[] InputObject { get; set; } = [];

    private protected override void Process()
    {
        foreach (var tap in ParameterSetName == NameSet ? Named(Session.Taps, Name, "Tap") : InputObject)
        {
            if (!ShouldProcess(tap.Name, "Remove the tap")) continue;
            try
            {
                tap.Delete();
                Session.Taps.Remove(tap);
            }
            catch (Exception e) when (Failures.IsExpected(e))
            {
                WriteError(Failures.Record(e, tap));
            }
        }
    }
}
