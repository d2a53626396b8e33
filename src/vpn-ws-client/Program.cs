using Microsoft.Extensions.Logging;
using VpnWs.Client;
using VpnWs.Hosting;
using VpnWs.Transport;

namespace VpnWs.ClientProgram;

internal static class Program
{
    private static Task<int> Main(string[] arguments) =>
        ProgramRunner.RunAsync(new ClientCommand(Environment.GetEnvironmentVariable), arguments, settings => settings.Log, RunAsync);

    private static async Task<ExitCode> RunAsync(ClientSettings settings, ILogger log, StopSignals signals)
    {
        var stop = signals.Token;
        var steps = new StartupSteps(
            settings.Command, Privileges.Resolve(settings.User, settings.Group), settings.IsOpen ? null : Capability.NetworkAdministration | Capability.NetworkRaw, reason => log.Write(LogLevel.Debug, $"the process is not confined: {reason}"));
        using var manager = ServiceNotifier.FromEnvironment();
        var options = settings.LoadCertificates() with
        {
            TapReady = async (tap, cancellationToken) =>
            {
                await steps.RunAsync(tap.Name, cancellationToken).ConfigureAwait(false);
                log.Write(LogLevel.Information, $"ready: tap {tap.Name}, joining {ServerUrl.Redact(settings.Options.Uri)}");
                manager.Ready();
            },
        };
        await using var client = new VpnWsClient(options);
        client.EventRaised += (_, e) =>
        {
            log.Write(e.Level.ToLogLevel(), e.ToString());
            if (e.Level >= EventLevel.Information) manager.Status(e.ToString());
        };
        signals.Queried += () => log.Write(LogLevel.Information, $"statistics: {client.GetStatistics()}");
        await client.StartAsync(stop).ConfigureAwait(false);
        try
        {
            await client.Completion.WaitAsync(stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            log.Write(LogLevel.Information, "stopping");
            manager.Stopping();
            await client.StopAsync().ConfigureAwait(false);
        }
        catch (VpnWsException e)
        {
            throw new ProgramException(e.Message, Code(e.Failure), e);
        }

        return ExitCode.Done;
    }

    private static ExitCode Code(VpnWsFailure failure) => failure switch
    {
        VpnWsFailure.Authentication => ExitCode.Authentication,
        VpnWsFailure.Certificate => ExitCode.Certificate,
        VpnWsFailure.Unreachable or VpnWsFailure.Timeout => ExitCode.Unreachable,
        VpnWsFailure.Refused or VpnWsFailure.Protocol => ExitCode.Refused,
        VpnWsFailure.Closed => ExitCode.LinkEnded,
        _ => ExitCode.Failed,
    };
}
