using System.Globalization;
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
        Check(Environment.GetEnvironmentVariable);
        try
        {
            return Export(program);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or UriFormatException)
        {
            throw new ProgramException($"metrics cannot be sent as the OTEL_ variables say: {e.Message}", innerException: e);
        }
    }

    /// <summary>Looks at what the exporter would pass over in silence, so that nobody waits for metrics in vain.</summary>
    /// <exception cref="ProgramException">A variable is wrong.</exception>
    internal static void Check(Func<string, string?> environment)
    {
        foreach (var name in (string[])[EndpointVariable, MetricsEndpointVariable])
            Require(name, text => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https", "no http:// or https:// URL");
        foreach (var name in (string[])["OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL"])
            Require(name, text => text is "grpc" or "http/protobuf", "neither grpc nor http/protobuf");
        foreach (var name in (string[])["OTEL_METRIC_EXPORT_INTERVAL", "OTEL_METRIC_EXPORT_TIMEOUT"])
            Require(name, text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0, "no number of milliseconds");

        // No message shows the value: there may be a password in a URL.
        void Require(string name, Func<string, bool> isRight, string fault)
        {
            if (environment(name) is { Length: > 0 } text && !isRight(text)) throw new ProgramException($"metrics cannot be sent: {name} is {fault}");
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
