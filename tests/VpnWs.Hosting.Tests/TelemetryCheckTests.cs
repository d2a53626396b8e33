using VpnWs.Hosting;

namespace VpnWs.Tests.Hosting;

public sealed class TelemetryCheckTests
{
    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317", "no http:// or https:// URL")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "user:secret@collector", "no http:// or https:// URL")]
    [InlineData("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "/v1/metrics", "no http:// or https:// URL")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json", "neither grpc nor http/protobuf")]
    [InlineData("OTEL_METRIC_EXPORT_INTERVAL", "10s", "no number of milliseconds")]
    [InlineData("OTEL_METRIC_EXPORT_INTERVAL", "0", "no number of milliseconds")]
    public void A_variable_that_the_exporter_would_pass_over_is_told_without_its_value(string name, string value, string says)
    {
        var error = Assert.Throws<ProgramException>(() => Telemetry.Check(asked => asked == name ? value : null));
        Assert.Equal($"metrics cannot be sent: {name} is {says}", error.Message);
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "https://collector:4317")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")]
    [InlineData("OTEL_METRIC_EXPORT_INTERVAL", "200")]
    public void What_the_exporter_understands_is_let_pass(string name, string value) =>
        Telemetry.Check(asked => asked == name ? value : null);
}
