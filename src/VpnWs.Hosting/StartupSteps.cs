namespace VpnWs.Hosting;

/// <summary>What stands between the tap and the work, in the C program's order: the command of <c>--exec</c>, then the drop of privileges. What is left is then confined.</summary>
/// <param name="command">The command, or null.</param>
/// <param name="privileges">Whom to become.</param>
/// <param name="kept">The capabilities to keep, where they are there; null not to confine the process at all.</param>
/// <param name="unconfined">Told why the process could not be confined.</param>
internal sealed class StartupSteps(string? command, Privileges privileges, Capability? kept, Action<string> unconfined)
{
    /// <summary>Runs the command, also where there is no tap, and drops the privileges.</summary>
    /// <param name="tapName">The tap's name, or null where there is none.</param>
    /// <param name="cancellationToken">Ends the command.</param>
    /// <exception cref="ProgramException">The command failed, or the privileges could not be dropped.</exception>
    public async Task RunAsync(string? tapName, CancellationToken cancellationToken)
    {
        // These files belong to who we are until the drop, and the command may take its time.
        if (kept is not null && DiagnosticsPort.Close() is { } port) unconfined($".NET's diagnostics stay open: {port}");
        if (command is not null) await ShellHook.RunAsync(command, tapName, cancellationToken).ConfigureAwait(false);
        privileges.Drop();
        if (kept is not { } capabilities) return;
        if (CapabilityDrop.Apply(capabilities) is { } left) unconfined($"it keeps its capabilities: {left}");
        if (Confinement.Apply() is { } open) unconfined(open);
    }
}
