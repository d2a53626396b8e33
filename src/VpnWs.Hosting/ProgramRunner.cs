using Microsoft.Extensions.Logging;

namespace VpnWs.Hosting;

/// <summary>Takes a program from its arguments to its exit code. Whatever goes wrong is told in one line.</summary>
internal static class ProgramRunner
{
    /// <param name="command">The program's command line.</param>
    /// <param name="arguments">What the user typed.</param>
    /// <param name="log">How the settings want the log.</param>
    /// <param name="body">The program: ends by itself, or soon after the token of its signals is cancelled.</param>
    public static async Task<int> RunAsync<TSettings>(
        ProgramCommand<TSettings> command,
        IReadOnlyList<string> arguments,
        Func<TSettings, LogSettings> log,
        Func<TSettings, ILogger, StopSignals, Task<ExitCode>> body)
        where TSettings : class
    {
        ArgumentSecrets.Hide();
        try
        {
            if (command.Read(arguments, static () => Console.Out) is not { } settings) return (int)ExitCode.Done;
            using var signals = new StopSignals();
            using var telemetry = Telemetry.Start(command.Name);
            using var console = new ConsoleLog(log(settings));
            return (int)await RunAsync(console, settings, body, signals).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            var code = e is ProgramException known ? known.Code : ExitCode.Failed;
            var hint = code == ExitCode.Usage ? "; try --help" : "";
            Console.Error.WriteLine($"{command.Name}: {OneLine.Of(e.Message).TrimEnd('.')}{hint}");
            return (int)code;
        }
    }

    private static async Task<ExitCode> RunAsync<TSettings>(
        ILogger log,
        TSettings settings,
        Func<TSettings, ILogger, StopSignals, Task<ExitCode>> body,
        StopSignals signals)
    {
        try
        {
            return await body(settings, log, signals).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (signals.Token.IsCancellationRequested)
        {
            return ExitCode.Done;
        }
        catch (Exception e) when (e is not ProgramException)
        {
            log.LogDebug(e, "where it failed");
            throw;
        }
    }
}
