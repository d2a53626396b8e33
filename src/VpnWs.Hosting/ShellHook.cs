using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace VpnWs.Hosting;

/// <summary>Runs the command of <c>--exec</c>. It shares the program's input and output, and the terminal's Ctrl-C.</summary>
internal static class ShellHook
{
    /// <summary>The variable that tells the command the tap's name; not set where there is no tap.</summary>
    public const string TapVariable = "VPNWS_TAP";

    /// <summary>The variable with the client's password, which is none of the command's business.</summary>
    public const string PasswordVariable = "VPNWS_PASSWORD";

    private const string Shell = "/bin/sh";
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <summary>Runs <paramref name="command"/> with <c>/bin/sh -c</c> to its end.</summary>
    /// <exception cref="ProgramException">The exit code is not 0, or the shell could not be run.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; the command and what it started have ended.</exception>
    public static async Task RunAsync(string command, string? tapName, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var process = Start(command, tapName);
        try
        {
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await EndAsync(process).ConfigureAwait(false);
            throw;
        }

        if (process.ExitCode == 0) return;
        var signal = process.ExitCode > 128 ? string.Create(CultureInfo.InvariantCulture, $" (as after signal {process.ExitCode - 128})") : "";
        throw new ProgramException(string.Create(CultureInfo.InvariantCulture, $"the --exec command ended with exit code {process.ExitCode}{signal}"));
    }

    private static Process Start(string command, string? tapName)
    {
        var start = new ProcessStartInfo(Shell, ["-c", command]) { UseShellExecute = false };
        start.Environment.Remove(PasswordVariable);
        start.Environment.Remove(TapVariable);
        if (tapName is not null) start.Environment[TapVariable] = tapName;
        try
        {
            return Process.Start(start) ?? throw new ProgramException($"cannot run {Shell}");
        }
        catch (Win32Exception e)
        {
            throw new ProgramException($"cannot run {Shell} for the --exec command: {e.Message}", innerException: e);
        }
    }

    /// <summary>Asks the command and all that it started to end, and kills what is left after two seconds.</summary>
    private static async Task EndAsync(Process process)
    {
        var family = ProcessFamily.Of(process.Id);
        foreach (var id in family) _ = LibC.Kill(id, LibC.SigTerm);
        using var grace = new CancellationTokenSource(Grace);
        try
        {
            await process.WaitForExitAsync(grace.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }
}
