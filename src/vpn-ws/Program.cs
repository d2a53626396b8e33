using Microsoft.Extensions.Logging;
using VpnWs.Hosting;
using VpnWs.Server;
using VpnWs.Transport;

namespace VpnWs.ServerProgram;

internal static class Program
{
    private static Task<int> Main(string[] arguments) =>
        ProgramRunner.RunAsync(new ServerCommand(), arguments, settings => settings.IsVerbose, RunAsync);

    private static async Task<ExitCode> RunAsync(ServerSettings settings, ILogger log, CancellationToken stop)
    {
        var steps = new StartupSteps(settings.Command, Privileges.Resolve(settings.User, settings.Group));
        var options = settings.Options with { Ready = (tap, cancellationToken) => steps.RunAsync(tap?.Name, cancellationToken) };
        if (settings.Certificate?.Load(DateTimeOffset.Now) is { } tls) options = options with { HttpTls = () => tls };
        await using var server = new VpnWsServer(options);
        server.EventRaised += (_, e) => log.Write(Level(e.Level), e.ToString());
        await server.StartAsync(stop).ConfigureAwait(false);
        log.Write(LogLevel.Information, Ready(server));
        await Task.Delay(Timeout.Infinite, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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
