using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace VpnWs.PowerShell;

/// <summary>Called by PowerShell when the module is removed from a session: everything that the session made ends with it.</summary>
public sealed class ModuleLife : IModuleAssemblyCleanup
{
    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo)
    {
        if (Runspace.DefaultRunspace is { } runspace) LanSession.Close(runspace.InstanceId);
    }
}
