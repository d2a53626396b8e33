using System.Runtime.CompilerServices;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace VpnWs.Hosting;

/// <summary>Sends the engine's metrics, and the runtime's own, to an OpenTelemetry collector where the environment names one; the exporter reads the rest of its variables itself.</summary>
internal static class Telemetry
{
    private const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string MetricsEndpointVariable = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT";

    /// <summary>Starts to send; disposing sends the last values.</summary>
    /// <param name="program">What the service is called unless OTEL_SERVICE_NAME says otherwise.</param>
    /// <returns>Null where there is no collector, at no cost.</returns>
    /// <exception cref="ProgramException">A variable is wrong.</exception>
    public static IDisposable? Start(string program)
    {
        if (!IsSet(EndpointVariable) && !IsSet(MetricsEndpointVariable)) return null;
        try
        {
            return Export(program);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or UriFormatException)
        {
            throw new ProgramException($"metrics cannot be sent as the OTEL_ variables say: {e.Message}", innerException: e);
        }
    }

    private static bool IsSet(string variable) => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable));

    // On its own, so that nothing of the exporter is loaded where it is not used.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static MeterProvider Export(string program) => Sdk.CreateMeterProviderBuilder()
        .ConfigureResource(resource => resource
            .AddService(program, serviceVersion: typeof(Telemetry).Assembly.GetName().Version?.ToString(3))
            .AddEnvironmentVariableDetector())
        .AddMeter("VpnWs*", "System.Runtime")
        .AddOtlpExporter()
        .Build();
}
