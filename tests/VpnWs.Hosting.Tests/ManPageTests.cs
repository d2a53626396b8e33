using System.CommandLine;
using VpnWs.ClientProgram;
using VpnWs.ServerProgram;

namespace VpnWs.Tests.Hosting;

/// <summary>The manual pages say what the programs say of themselves.</summary>
public sealed class ManPageTests
{
    private const string ServerFiles = """
        .TP
        .I /etc/vpn\-ws/server.conf
        The options of the service vpn\-ws.
        """;

    private const string ClientFiles = """
        .TP
        .I /etc/vpn\-ws/client/NAME.conf
        The options of the service vpn\-ws\-client@NAME.
        .TP
        .I /etc/vpn\-ws/client/NAME.env
        Its environment: VPNWS_USER and VPNWS_PASSWORD.
        """;

    private const string Telemetry = """
        .TP
        .B OTEL_EXPORTER_OTLP_ENDPOINT
        The OpenTelemetry collector to send metrics to; the other variables of the OTLP exporter work too.
        """;

    private const string Environment = """
        .TP
        .B VPNWS_USER, VPNWS_PASSWORD
        The credentials, where the URL has none.
        .TP
        .B http_proxy, https_proxy, all_proxy, no_proxy
        The proxy to go through, where \-\-proxy does not name one.
        """;

    [Fact]
    public void The_servers_page_is_made_of_its_options() =>
        AssertSame(new ServerCommand(), ("ENVIRONMENT", Telemetry), ("FILES", ServerFiles), ("SEE ALSO", ".BR vpn\\-ws\\-client (1)"));

    [Fact]
    public void The_clients_page_is_made_of_its_options() =>
        AssertSame(new ClientCommand(_ => null), ("ENVIRONMENT", $"{Environment}\n{Telemetry}"), ("FILES", ClientFiles), ("SEE ALSO", ".BR vpn\\-ws (1)"));

    private static void AssertSame(Command command, params (string Title, string Text)[] more)
    {
        var name = $"{command.Name}.1";
        var page = ManPage.Write(command, Epilogue(command), more);
        var received = Path.Combine(AppContext.BaseDirectory, "received-" + name);
        File.WriteAllText(received, page);
        var expected = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "man", name));
        Assert.True(expected == page, $"The options have changed: copy {received} over packaging/man/{name}.");
    }

    private static string Epilogue(Command command)
    {
        using var help = new StringWriter();
        if (command is ServerCommand server) server.Read(["--help"], () => help);
        else ((ClientCommand)command).Read(["--help"], () => help);
        var text = help.ToString().ReplaceLineEndings("\n");
        return text[text.IndexOf("Options in a file:", StringComparison.Ordinal)..].Trim();
    }
}
