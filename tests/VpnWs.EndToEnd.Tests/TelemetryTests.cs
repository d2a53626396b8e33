using System.Net;
using System.Net.Sockets;
using System.Text;
using VpnWs.Tests.Framework;

namespace VpnWs.Tests;

/// <summary>Metrics as a collector of the test's own receives them (OTLP over HTTP).</summary>
public sealed class TelemetryTests
{
    [Theory]
    [InlineData("vpn-ws")]
    [InlineData("vpn-ws-client")]
    public async Task Metrics_reach_the_collector_that_the_environment_names(string program)
    {
        Requires.Root();
        using var collector = new HttpListener();
        var address = $"http://127.0.0.1:{FreePort()}/";
        collector.Prefixes.Add(address);
        collector.Start();
        string[] command = program == "vpn-ws" ? [ProgramPair.Ours.Server, "--http", "127.0.0.1:0"] : [ProgramPair.Ours.Client, "vpnwsotel%d", "ws://127.0.0.1:1/"];
        using var process = ProcessUnderTest.Start(
            null,
            [
                "env", $"OTEL_EXPORTER_OTLP_ENDPOINT={address}", "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", "OTEL_METRIC_EXPORT_INTERVAL=200",
                "OTEL_RESOURCE_ATTRIBUTES=site=office", .. command,
            ]);
        var request = await collector.GetContextAsync().WaitAsync(Eventually.DefaultDeadline, TestContext.Current.CancellationToken);
        Assert.Equal("/v1/metrics", request.Request.Url!.AbsolutePath);
        using var reader = new StreamReader(request.Request.InputStream, Encoding.Latin1);
        var body = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        request.Response.Close();
        foreach (var text in (string[])["service.name", program, "site", "office", "dotnet.gc.collections"]) Assert.Contains(text, body, StringComparison.Ordinal);
        process.Signal(UnixSignal.Terminate);
        Assert.Equal(0, process.WaitForExit());
    }

    private static int FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }
}
