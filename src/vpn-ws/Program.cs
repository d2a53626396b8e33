using System.Globalization;
using Microsoft.Extensions.Logging;
using VpnWs.Hosting;
using VpnWs.Server;

namespace VpnWs.ServerProgram;

internal static class Program
{
    private static readonly TimeSpan StatusPeriod = TimeSpan.FromSeconds(5);

    private static Task<int> Main(string[] arguments) =>
        ProgramRunner.RunAsync(new ServerCommand(SocketActivation.Take), arguments, settings => settings.Log, RunAsync);

    private static async Task<ExitCode> RunAsync(ServerSettings settings, ILogger log, StopSignals signals)
    {
        var stop = signals.Token;
        if (settings.Status is { } status) return await StatusProgram.RunAsync(status, Console.Out, stop).ConfigureAwait(false);
        var steps = new StartupSteps(
            settings.Command, Privileges.Resolve(settings.User, settings.Group), settings.IsOpen ? null : Needed(settings), reason => log.Write(LogLevel.Debug, $"the process is not confined: {reason}"));
        var files = Admission.Read(settings);
        var options = files.Apply(settings.Options) with { Ready = (tap, cancellationToken) => steps.RunAsync(tap?.Name, cancellationToken) };
        using var manager = ServiceNotifier.FromEnvironment();
        await using var server = new VpnWsServer(options);
        server.EventRaised += (_, e) => log.Write(e.Level.ToLogLevel(), PeerFacts.Of(e));
        signals.Queried += () => log.Write(LogLevel.Information, $"statistics: {server.GetStatistics()}");
        files.Follow(server);
        await server.StartAsync(stop).ConfigureAwait(false);
        foreach (var warning in OpenAddresses.Warnings(options, "--tls-cert", "--htpasswd")) log.Write(LogLevel.Warning, warning);
        log.Write(LogLevel.Information, Ready(server));
        manager.Ready();
        using var telling = new Timer(_ => manager.Status(Status(server)), null, TimeSpan.Zero, manager.IsActive ? StatusPeriod : Timeout.InfiniteTimeSpan);
        var watch = new FileWatch(files.All, outcome => log.Write(outcome.Fault is null ? LogLevel.Information : LogLevel.Warning, PeerFacts.Of(outcome)));
        signals.HungUp += () =>
        {
            if (!watch.ReloadAll()) log.Write(LogLevel.Information, "there is nothing to read again: neither certificates, passwords nor rules are in use");
        };
        await watch.RunAsync(stop).ConfigureAwait(false);
        log.Write(LogLevel.Information, "stopping");
        manager.Stopping();
        await server.StopAsync().ConfigureAwait(false);
        return ExitCode.Done;
    }

    /// <summary>What is needed later: to open the tap again, and to read changed files again that belong to others.</summary>
    private static Capability Needed(ServerSettings settings) =>
        (settings.Options.Tap is null ? Capability.None : Capability.NetworkAdministration)
        | (settings.Certificate is null && settings.PasswordPath is null && settings.RulesPath is null ? Capability.None : Capability.ReadFiles);

    private static string Status(VpnWsServer server) => server.PeerCount == 1 ? "1 peer" : string.Create(CultureInfo.InvariantCulture, $"{server.PeerCount} peers");

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
}
