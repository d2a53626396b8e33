using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using VpnWs.Tests.Framework;

namespace VpnWs.Tests;

/// <summary>Metrics as a collector of the test's own receives them (OTLP over HTTP).</summary>
public sealed partial class TelemetryTests
{
    private const string Meter = "VpnWs";
    private const string Drops = "vpnws.drops";

    [Theory]
    [InlineData("vpn-ws")]
    [InlineData("vpn-ws-client")]
    public async Task Metrics_reach_the_collector_that_the_environment_names_as_the_README_has_them(string program)
    {
        Requires.Root();
        using var scratch = new Scratch();
        using var collector = new HttpListener();
        var address = $"http://127.0.0.1:{FreePort()}/";
        collector.Prefixes.Add(address);
        collector.Start();
        var isServer = program == "vpn-ws";
        var listener = scratch.PathOf("vpn.sock");
        string[] command = isServer ? [ProgramPair.Ours.Server, listener] : [ProgramPair.Ours.Client, "vpnwsotel%d", "ws://127.0.0.1:1/"];
        using var process = ProcessUnderTest.Start(
            null,
            [
                "env", $"OTEL_EXPORTER_OTLP_ENDPOINT={address}", "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", "OTEL_METRIC_EXPORT_INTERVAL=200",
                "OTEL_RESOURCE_ATTRIBUTES=site=office", .. command,
            ]);
        RawWebSocket? peer = null;
        if (isServer)
        {
            process.WaitForOutput("info: ready");
            peer = RawWebSocket.Join(listener);
            peer.SendBinary(new byte[10]);
        }

        // What never happened is not sent, and nothing is dropped at a client without a link.
        var expected = Documented().Where(metric => isServer || metric.Name != Drops).ToHashSet();
        var received = new HashSet<OtlpMetric>();
        do
        {
            var body = await ReceiveAsync(collector);
            var text = Encoding.Latin1.GetString(body);
            foreach (var word in (string[])["service.name", program, "site", "office"]) Assert.Contains(word, text, StringComparison.Ordinal);
            received = [.. OtlpMetrics.Read(body)];
        }
        while (isServer && received.All(metric => metric.Name != Drops));

        Assert.Equal(expected.OrderBy(metric => metric.Name), received.Where(metric => metric.Meter == Meter).OrderBy(metric => metric.Name));
        Assert.Contains(received, metric => metric is { Meter: "System.Runtime", Name: "dotnet.gc.collections" });
        peer?.Dispose();
        // Its end sends once more, and would wait for the answer.
        collector.Stop();
        process.Signal(UnixSignal.Terminate);
        Assert.Equal(0, process.WaitForExit());
    }

    /// <summary>The README's table: names, one unit for all of them or one for each, more tags, what it is.</summary>
    private static IEnumerable<OtlpMetric> Documented()
    {
        var table = File.ReadLines(Path.Combine(Repository.Root, "README.md")).Where(line => line.StartsWith("| `vpnws.", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(table);
        foreach (var cells in table.Select(line => line.Split('|')))
        {
            string[] names = Words(cells[1]), units = Words(cells[2]);
            Assert.True(units.Length == 1 || units.Length == names.Length, cells[1]);
            var tags = string.Join(' ', Words(cells[3]).Take(1).Append("role").Order(StringComparer.Ordinal));
            for (var i = 0; i < names.Length; i++) yield return new OtlpMetric(Meter, names[i], units[units.Length == 1 ? 0 : i], tags);
        }
    }

    private static string[] Words(string cell) => [.. Code().Matches(cell).Select(match => match.Groups[1].Value)];

    private static async Task<byte[]> ReceiveAsync(HttpListener collector)
    {
        var request = await collector.GetContextAsync().WaitAsync(Eventually.DefaultDeadline, TestContext.Current.CancellationToken);
        Assert.Equal("/v1/metrics", request.Request.Url!.AbsolutePath);
        using var body = new MemoryStream();
        await request.Request.InputStream.CopyToAsync(body, TestContext.Current.CancellationToken);
        request.Response.Close();
        return body.ToArray();
    }

    private static int FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();
}
