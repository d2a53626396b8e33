using System.Globalization;
using VpnWs.Hosting;
using VpnWs.Server;
using VpnWs.ServerProgram;

namespace VpnWs.Tests.Hosting;

public sealed class ServerCommandTests
{
    /// <summary>Arguments (split at bars), a property, and what it must be.</summary>
    public static TheoryData<string, string, string> Table => new()
    {
        { "/run/vpn.sock", "Options.UwsgiAddresses", "/run/vpn.sock" },
        { "vpn.sock", "Options.UwsgiAddresses", "vpn.sock" },
        { ":9090", "Options.UwsgiAddresses", ":9090" },
        { "[::1]:9090", "Options.UwsgiAddresses", "[::1]:9090" },
        { "--http|:80", "Options.UwsgiAddresses", "" },
        { "--http|:80|--http|[::]:81|sock", "Options.HttpAddresses", ":80,[::]:81" },
        { "--http|:80|--tls-cert|c.pem", "Certificate.CertificatePath", "c.pem" },
        { "--http|:80|--tls-cert|c.pem|--tls-key|k.pem", "Certificate.KeyPath", "k.pem" },
        { "--http|:80|--tls-cert|c.p12|--tls-password-file|p", "Certificate.PasswordPath", "p" },
        { "--http|:80|--tls-cert|c.pem|--tls-suites|TLS_AES_256_GCM_SHA384, TLS_AES_128_GCM_SHA256,TLS_AES_256_GCM_SHA384", "Certificate.Suites", "4866,4865" },
        { "--http|:80|--tls-cert|c.pem|--tls-suites|system", "Certificate.Suites", "" },
        { "--http|:80", "Certificate", "null" },
        { "--http|:80|--tls-cert|c.pem|--client-ca|ca.pem", "Certificate.ClientAuthoritiesPath", "ca.pem" },
        { "--http|:80|--htpasswd|users", "PasswordPath", "users" },
        { "--http|:80|--trusted-proxy|10.0.0.0/8|--trusted-proxy|::1|--trusted-proxy|192.0.2.1", "Options.TrustedProxies", "10.0.0.0/8,::1/128,192.0.2.1/32" },
        { "--http|:80|--origin|https://a.example|--origin|http://b:8080", "Options.HttpOrigins", "https://a.example,http://b:8080" },
        { "--http|:80|--path|/vpn", "Options.HttpPath", "/vpn" },
        { "--http|:80|--control|/run/c.sock|--control|127.0.0.1:8081|--control|localhost:1", "Options.ControlAddresses", "/run/c.sock,127.0.0.1:8081,localhost:1" },
        { "--status|/run/vpn.sock", "Status.Address", "/run/vpn.sock" },
        { "--status|https://u:p@h/vpn_admin?x", "Status.Address", "https://h/vpn_admin" },
        { "--status|s", "Status.Kill", "null" },
        { "--status|s|--kill|7", "Status.Kill", "7" },
        { "--status|s|--json", "Status.IsJson", "True" },
        { "--status|s|--watch", "Status.IsWatch", "True" },
        { "s", "Status", "null" },
        { "--tuntap|vpn0|s", "Options.Tap.Name", "vpn0" },
        { "s", "Options.Tap", "null" },
        { "--tuntap|vpn0|s", "Options.Tap.Offload", "True" },
        { "--tuntap|vpn0|--no-offload|s", "Options.Tap.Offload", "False" },
        { "--tuntap|vpn0|s", "Options.Tap.Mtu", "null" },
        { "--tuntap|vpn0|--mtu|9000|s", "Options.Tap.Mtu", "9000" },
        { "--no-offload|s", "Options.Offload", "False" },
        { "--bridge|s", "Options.Bridge", "True" },
        { "--no-broadcast|s", "Options.Broadcast", "False" },
        { "--no-multicast|s", "Options.Multicast", "False" },
        { "--socket-mode|0660|s", "Options.SocketMode", "432" },
        { "--socket-mode|600|s", "Options.SocketMode", "384" },
        { "--isolate|s", "Options.Isolate", "True" },
        { "--peer-bridge|allow|s", "Options.PeerBridge", "True" },
        { "--peer-bridge|deny|s", "Options.PeerBridge", "False" },
        { "--rules|r.json|s", "RulesPath", "r.json" },
        { "--storm-limit|0|s", "Options.StormLimit", "0" },
        { "--forward-reserved|s", "Options.ForwardReserved", "True" },
        { "--ping-interval|0|s", "Options.PingInterval", "0" },
        { "--ping-interval|1.5|s", "Options.PingInterval", "1.5" },
        { "--ping-timeout|7|s", "Options.PingTimeout", "7" },
        { "--max-peers|3|s", "Options.MaxPeers", "3" },
        { "--max-peers-per-address|3|s", "Options.MaxPeersPerAddress", "3" },
        { "--max-peers-per-user|3|s", "Options.MaxPeersPerUser", "3" },
        { "--max-handshakes|3|s", "Options.MaxHandshakes", "3" },
        { "--max-handshakes-per-address|3|s", "Options.MaxHandshakesPerAddress", "3" },
        { "--handshake-rate|3|s", "Options.HandshakeRatePerAddress", "3" },
        { "--handshake-timeout|3|s", "Options.HandshakeTimeout", "3" },
        { "--queue|70000|s", "Options.OutboxLimit", "70000" },
        { "--total-queue|3|s", "Options.TotalOutboxLimit", "3145728" },
        { "--max-addresses|3|s", "Options.MaxAddresses", "3" },
        { "--no-confine|s", "IsOpen", "True" },
        { "s", "IsOpen", "False" },
        { "--ageing|15|s", "Options.AgeingTime", "15" },
        { "--exec|ip link set vpn0 up; echo a=b --bridge|s", "Command", "ip link set vpn0 up; echo a=b --bridge" },
        { "--exec|--bridge|s", "Command", "--bridge" },
        { "--exec|--bridge|s", "Options.Bridge", "False" },
        { "--exec=|s", "Command", "" },
        { "--uid|nobody|s", "User", "nobody" },
        { "--gid|65534|s", "Group", "65534" },
        { "--verbose|s", "Log.IsVerbose", "True" },
        { "--quiet|s", "Log.IsQuiet", "True" },
        { "--log|json|s", "Log.Format", "1" },
        { "--log|systemd|s", "Log.Format", "2" },
        { "s", "Log.Format", "0" },
        { "s", "Log.IsVerbose", "False" },
        { "--tuntap=vpn0|--bridge|--|s", "Options.Tap.Name", "vpn0" },
        { "s|--tun|vpn0|--no-b|--u|nobody", "Options.Tap.Name", "vpn0" },
        { "s|--tun|vpn0|--no-b|--u|nobody", "User", "nobody" },
        { "--|--bridge", "Options.UwsgiAddresses", "--bridge" },
        { "@s", "Options.UwsgiAddresses", "@s" },
        { "--bridge|true", "Options.UwsgiAddresses", "true" },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void Options_arrive_where_they_belong(string arguments, string property, string expected) =>
        Assert.Equal(expected, SettingsText.Of(Read(arguments.Split('|')), property));

    [Fact]
    public void Each_option_has_its_row_in_the_table()
    {
        var given = Table.SelectMany(row => row.Data.Item1.Split('|', '=')).ToHashSet();
        string[] answered = ["--help", "--version"];
        Assert.Equal([], new ServerCommand().Options.Select(o => o.Name).Where(name => !given.Contains(name) && !answered.Contains(name)));
    }

    [Fact]
    public void What_is_not_given_is_as_the_engine_has_it()
    {
        var expected = new VpnWsServerOptions();
        var actual = Read("s").Options;
        foreach (var property in typeof(VpnWsServerOptions).GetProperties().Where(p => p.Name != nameof(VpnWsServerOptions.UwsgiAddresses)))
            Assert.Equal((property.Name, SettingsText.Text(property.GetValue(expected))), (property.Name, SettingsText.Text(property.GetValue(actual))));
    }

    [Theory]
    [InlineData("", "give an ADDRESS for the web server, or --http ADDRESS")]
    [InlineData("--tuntap|vpn0", "give an ADDRESS for the web server, or --http ADDRESS")]
    [InlineData("a|b", "too many arguments: 2, where there may be 1")]
    [InlineData("host:port", "'host:port' has no port from 0 to 65535 after its last colon.")]
    [InlineData("|", "The address is empty; give a socket path, host:port, :port or [v6]:port.")]
    [InlineData("--http|:70000", "--http: ':70000' has no port from 0 to 65535 after its last colon.")]
    [InlineData("--http|::1:80", "--http: Write the IPv6 address of '::1:80' in brackets: [::1]:80.")]
    [InlineData("--tls-cert|c|s", "--tls-cert is for --http ADDRESS; give that too")]
    [InlineData("--kill|7|s", "--json, --watch and --kill are for --status ADDRESS; give that too")]
    [InlineData("--status|s|--kill|x", "--kill: 'x' is no number of a peer")]
    [InlineData("--status|s|--kill|7|--json", "--kill prints nothing; leave out --json and --watch")]
    [InlineData("--status|s|other", "with --status there is no other ADDRESS")]
    [InlineData("--status|ftp://u:p@h", "--status: the URL is no http:// or https:// one")]
    [InlineData("--htpasswd|f|s", "--htpasswd is for --http ADDRESS; give that too")]
    [InlineData("--path|/v|s", "--path is for --http ADDRESS; give that too")]
    [InlineData("--http|:1|--client-ca|f", "--client-ca is for TLS; give --tls-cert too")]
    [InlineData("--http|:1|--path|vpn", "--path: 'vpn' does not begin with a slash")]
    [InlineData("--http|:1|--origin|example.com", "--origin: 'example.com' is no origin, such as https://example.com")]
    [InlineData("--http|:1|--origin|https://a/", "--origin: 'https://a/' is no origin, such as https://example.com")]
    [InlineData("--http|:1|--trusted-proxy|10.0.0.0/33", "--trusted-proxy: '10.0.0.0/33' is no network, such as 10.0.0.0/8 or 192.0.2.1")]
    [InlineData("--http|:1|--trusted-proxy|10.0.0.1/8", "--trusted-proxy: '10.0.0.1/8' may be the network 10.0.0.0/8 or the address 10.0.0.1; write one of them")]
    [InlineData("--http|:1|--trusted-proxy|fd00::1/64", "--trusted-proxy: 'fd00::1/64' may be the network fd00::/64 or the address fd00::1; write one of them")]
    [InlineData("--rules||s", "--rules: give the path of a file")]
    [InlineData("--http|:1|--htpasswd|", "--htpasswd: give the path of a file")]
    [InlineData("--control|:8081|s", "--control: ':8081' can be reached by others: choose a Unix socket or a loopback address, such as 127.0.0.1:8081")]
    [InlineData("--control|192.0.2.1:8081|s", "--control: '192.0.2.1:8081' can be reached by others: choose a Unix socket or a loopback address, such as 127.0.0.1:8081")]
    [InlineData("--http|:1|--tls-key|k", "--tls-key is for the certificate; give --tls-cert too")]
    [InlineData("--http|:1|--tls-password-file|p", "--tls-password-file is for the certificate's key; give --tls-cert too")]
    [InlineData("--http|:1|--tls-suites|system", "--tls-suites is for TLS; give --tls-cert too")]
    [InlineData("--mtu|1400|s", "--mtu is for the tap; give --tuntap too")]
    [InlineData("--mtu|67|--tuntap|t|s", "--mtu: '67' is not a whole number from 68 to 65521")]
    [InlineData("--mtu|-1|--tuntap|t|s", "--mtu: '-1' is not a whole number from 68 to 65521")]
    [InlineData("--max-peers|0|s", "--max-peers: '0' is not a whole number from 1 to 1000000")]
    [InlineData("--max-peers|many|s", "--max-peers: 'many' is not a whole number from 1 to 1000000")]
    [InlineData("--max-peers|99999999999999999999|s", "--max-peers: '99999999999999999999' is not a whole number from 1 to 1000000")]
    [InlineData("--ping-interval|-1|s", "--ping-interval: '-1' is not a number of seconds from 0 to 86400")]
    [InlineData("--ping-interval|NaN|s", "--ping-interval: 'NaN' is not a number of seconds from 0 to 86400")]
    [InlineData("--ping-timeout|0|s", "--ping-timeout: '0' is not a number of seconds from 0.1 to 86400")]
    [InlineData("--ageing|0|s", "--ageing: '0' is not a number of seconds from 1 to 1000000")]
    [InlineData("--socket-mode|0888|s", "--socket-mode: '0888' is no octal number")]
    [InlineData("--socket-mode|7777|s", "--socket-mode: '7777' is not from 0 to 0777")]
    [InlineData("--socket-mode|77777777777777|s", "--socket-mode: '77777777777777' is not from 0 to 0777")]
    [InlineData("--socket-mode||s", "--socket-mode: '' is not from 0 to 0777")]
    [InlineData("--rules|r.json|--peer-bridge|allow|s", "with --rules it is the rules that say who may be a bridge; leave out --peer-bridge")]
    [InlineData("--storm-limit|-1|s", "--storm-limit: '-1' is not a whole number from 0 to 1000000000")]
    [InlineData("--peer-bridge|maybe|s", "--peer-bridge: 'maybe' is neither allow nor deny")]
    public void A_wrong_command_line_is_a_usage_error(string arguments, string message)
    {
        var error = Assert.Throws<ProgramException>(() => Read(arguments == "" ? [] : arguments == "|" ? [""] : arguments.Split('|')));
        Assert.Equal((ExitCode.Usage, message), (error.Code, error.Message));
    }

    [Fact]
    public void The_help_states_the_defaults_that_the_engine_has()
    {
        var defaults = new VpnWsServerOptions();
        var help = Help();
        Assert.Contains(Default("--max-peers", defaults.MaxPeers), help, StringComparison.Ordinal);
        Assert.Contains(Default("--max-peers-per-address", defaults.MaxPeersPerAddress), help, StringComparison.Ordinal);
        Assert.Contains(Default("--max-peers-per-user", defaults.MaxPeersPerUser), help, StringComparison.Ordinal);
        Assert.Contains(Default("--max-handshakes", defaults.MaxHandshakes), help, StringComparison.Ordinal);
        Assert.Contains(Default("--max-handshakes-per-address", defaults.MaxHandshakesPerAddress), help, StringComparison.Ordinal);
        Assert.Contains(Default("--handshake-rate", defaults.HandshakeRatePerAddress), help, StringComparison.Ordinal);
        Assert.Contains(Default("--handshake-timeout", defaults.HandshakeTimeout.TotalSeconds), help, StringComparison.Ordinal);
        Assert.Contains(Default("--queue", defaults.OutboxLimit), help, StringComparison.Ordinal);
        Assert.Contains(Default("--total-queue", defaults.TotalOutboxLimit >> 20), help, StringComparison.Ordinal);
        Assert.Contains(Default("--max-addresses", defaults.MaxAddresses), help, StringComparison.Ordinal);
        Assert.Contains(Default("--ping-interval", defaults.PingInterval.TotalSeconds), help, StringComparison.Ordinal);
        Assert.Contains(Default("--ping-timeout", defaults.PingTimeout.TotalSeconds), help, StringComparison.Ordinal);
        Assert.Contains(Default("--ageing", defaults.AgeingTime.TotalSeconds), help, StringComparison.Ordinal);
        Assert.Contains(Default("--socket-mode", "0" + Convert.ToString((int)defaults.SocketMode, 8)), help, StringComparison.Ordinal);

        static string Default(string option, object value) => string.Create(CultureInfo.InvariantCulture, $"{option} Default: {value}.");
    }

    [Fact]
    public void The_help_describes_every_option()
    {
        var command = new ServerCommand();
        Assert.All(command.Options, option => Assert.NotEmpty(option.Description ?? ""));
        Assert.All(command.Options, option => Assert.Contains(option.Name, Help(), StringComparison.Ordinal));
    }

    private static ServerSettings Read(params string[] arguments) => new ServerCommand().Read(arguments, () => TextWriter.Null)!;

    /// <summary>The help with each option's text brought down to its name and default.</summary>
    private static string Help() => string.Join('\n', new ServerCommand().Options.Select(o =>
        $"{o.Name} {(o.Description!.IndexOf("Default:", StringComparison.Ordinal) is >= 0 and var at ? o.Description[at..] : "")}"));
}
