using Microsoft.Extensions.Logging;
using VpnWs.Hosting;
using VpnWs.Server;
using VpnWs.Transport;

namespace VpnWs.ServerProgram;

internal static class Program
{
    private static Task<int> Main(string[] arguments) =>
        ProgramRunner.RunAsync(new ServerCommand(), arguments, settings => settings.IsVerbose, RunAsync);

    private static async Task<ExitCode> RunAsync(ServerSettings settings, ILogger log, StopSignals signals)
    {
        var stop = signals.Token;
        var steps = new StartupSteps(settings.Command, Privileges.Resolve(settings.User, settings.Group));
        var admission = new Admission(settings);
        var options = admission.Apply(settings.Options) with { Ready = (tap, cancellationToken) => steps.RunAsync(tap?.Name, cancellationToken) };
        await using var server = new VpnWsServer(options);
        server.EventRaised += (_, e) => log.Write(Level(e.Level), e.ToString());
        signals.Queried += () => log.Write(LogLevel.Information, $"statistics: {server.GetStatistics()}");
        await server.StartAsync(stop).ConfigureAwait(false);
        foreach (var warning in Admission.Warnings(options)) log.Write(LogLevel.Warning, warning);
        log.Write(LogLevel.Information, Ready(server));
        var watch = new FileWatch(admission.Reloadables, log);
        signals.HungUp += watch.ReloadAll;
        await watch.RunAsync(stop).ConfigureAwait(false);
        log.Write(LogLevel.Information, "stopping");
        await server.StopAsync().ConfigureAwait(false);
        return ExitCode.Done;
    }

    private static string Ready(VpnWsServer server)
    {
        IEnumerable<string> ways =
        [
            .. server.UwsgiEndPoints.Select(e => $"uwsgi on {e}"),
            .. server.HttpEndPoints.Select(e => $"{(server.Options.HttpTls is null ? "http" : "https")} on {e}"),
            .. server.ControlEndPoints.Select(e => $"control on {e}"),
            .. server.Tap is { } tap ? [$"tap {tap.Name}"] : Array.Empty<string>(),
        ];
        return $"ready: {string.Join(", ", ways)}";
    }

    private static LogLevel Level(EventLevel level) => level switch
    {
        EventLevel.Debug => LogLevel.Debug,
        EventLevel.Information => LogLevel.Information,
        EventLevel.Warning => LogLevel.Warning,
        _ => LogLevel.Error,
    };
}
