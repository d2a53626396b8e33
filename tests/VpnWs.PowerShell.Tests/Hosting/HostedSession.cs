using System.Management.Automation.Runspaces;
using VpnWs.Tests.Module;
using Shell = System.Management.Automation.PowerShell;

namespace VpnWs.Tests.Hosting;

/// <summary>A runspace in this process that has the module as it was built.</summary>
internal sealed class HostedSession : IDisposable
{
    private readonly Runspace _runspace;

    public HostedSession()
    {
        PowerShellAssemblies.Require();
        var state = InitialSessionState.CreateDefault2();
        _runspace = RunspaceFactory.CreateRunspace(state);
        _runspace.Open();
        Invoke("Import-Module $args[0]", ModuleFiles.Built);
    }

    /// <summary>Runs a script to its end; an error in it fails the test.</summary>
    public IReadOnlyList<object> Invoke(string script, params object[] arguments)
    {
        using var shell = Prepare("$ErrorActionPreference = 'Stop'; " + script, arguments);
        return [.. shell.Invoke().Select(static result => result?.BaseObject!)];
    }

    /// <summary>Starts a script and gives its shell, for the test to stop or wait for.</summary>
    public (Shell Shell, IAsyncResult Running) Begin(string script, params object[] arguments)
    {
        var shell = Prepare(script, arguments);
        return (shell, shell.BeginInvoke());
    }

    /// <summary>Closes the runspace.</summary>
    public void Dispose() => _runspace.Dispose();

    private Shell Prepare(string script, object[] arguments)
    {
        var shell = Shell.Create();
        shell.Runspace = _runspace;
        shell.AddScript(script);
        foreach (var argument in arguments) shell.AddArgument(argument);
        return shell;
    }
}
