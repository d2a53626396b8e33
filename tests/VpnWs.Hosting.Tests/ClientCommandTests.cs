using System.Globalization;
using System.Net;
using VpnWs.Client;
using VpnWs.ClientProgram;
using VpnWs.Hosting;

namespace VpnWs.Tests.Hosting;

public sealed class ClientCommandTests
{
    /// <summary>Arguments (split at bars), a property, and what it must be.</summary>
    public static TheoryData<string, string, string> Table => new()
    {
        { "vpn0|ws://host/vpn", "Options.Uri", "ws://host/vpn" },
        { "vpn0|ws://host/vpn", "Options.Tap.Name", "vpn0" },
        { "vpn0|ws://host/vpn", "Options.Credentials", "null" },
        { "vpn0|ws://host/vpn", "Options.Reconnect", "True" },
        { "vpn%d|wss://u:p@host:8443/vpn?x=1", "Options.Uri", "wss://host:8443/vpn?x=1" },
        { "vpn0|wss://u:p@host/vpn", "Options.Credentials.UserName", "u" },
        { "vpn0|wss://u:p@host/vpn", "Options.Credentials.Password", "p" },
        { "--exec|echo $VPNWS_TAP|t|ws://h", "Command", "echo $VPNWS_TAP" },
        { "--key|k.pem|--crt|c.pem|t|ws://h", "KeyPath", "k.pem" },
        { "--key|k.pem|--crt|c.pem|t|ws://h", "CertificatePath", "c.pem" },
        { "--crt|c.p12|--password-file|pw|t|ws://h", "PasswordPath", "pw" },
        { "--ca|ca.pem|t|ws://h", "AuthoritiesPath", "ca.pem" },
        { "--no-verify|t|ws://h", "Options.VerifyCertificate", "False" },
        { "t|ws://h", "Options.VerifyCertificate", "True" },
        { "--bridge|t|ws://h", "Options.Bridge", "True" },
        { "--proxy|http://u:p%40@proxy:3128|t|ws://h", "Options.Proxy.Address", "http://proxy:3128/" },
        { "--proxy|http://u:p%40@proxy:3128|t|ws://h", "Options.Proxy.Credentials.UserName", "u" },
        { "--proxy|http://u:p%40@proxy:3128|t|ws://h", "Options.Proxy.Credentials.Password", "p@" },
        { "--proxy|socks5://proxy|t|ws://h", "Options.Proxy.Credentials", "null" },
        { "--mtu|9000|t|ws://h", "Options.Tap.Mtu", "9000" },
        { "--address|10.0.0.2/24|--address|fd00::2/64|t|ws://h", "Options.Tap.IPAddresses", "10.0.0.2/24,fd00::2/64" },
        { "--header|Cookie: a=b; c=d|--header|X-A:1|t|ws://h", "Options.Headers", "Cookie=a=b; c=d,X-A=1" },
        { "--uid|nobody|t|ws://h", "User", "nobody" },
        { "--gid|nogroup|t|ws://h", "Group", "nogroup" },
        { "--once|t|ws://h", "Options.Reconnect", "False" },
        { "--timeout|5|t|ws://h", "Options.Timeout", "5" },
        { "--ping-interval|0.5|t|ws://h", "Options.PingInterval", "0.5" },
        { "--no-confine|t|ws://h", "IsOpen", "True" },
        { "--no-offload|t|ws://h", "Options.Offload", "False" },
        { "--no-offload|t|ws://h", "Options.Tap.Offload", "False" },
        { "t|ws://h", "Options.Tap.Offload", "True" },
        { "--fingerprint|sha256:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab|--fingerprint|abababababababababababababababababababababababababababababababab|t|wss://h", "Options.CertificateFingerprints", "abababababababababababababababababababababababababababababababab,abababababababababababababababababababababababababababababababab" },
        { "--interface|eth0|t|ws://h", "Options.OutgoingInterface", "eth0" },
        { "--mark|42|t|ws://h", "Options.Mark", "42" },
        { "--mark|0x2a|t|ws://h", "Options.Mark", "42" },
        { "t|ws://h", "Options.Mark", "null" },
        { "--verbose|t|ws://h", "Log.IsVerbose", "True" },
        { "--quiet|t|ws://h", "Log.IsQuiet", "True" },
        { "--log|json|t|ws://h", "Log.Format", "1" },
        { "--log|systemd|t|ws://h", "Log.Format", "2" },
        { "t|ws://h", "Log.Format", "0" },
        { "t|ws://h|--br", "Options.Bridge", "True" },
        { "--n|t|ws://h", "Options.VerifyCertificate", "False" },
        { "--c|c.pem|t|ws://h", "CertificatePath", "c.pem" },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void Options_arrive_where_they_belong(string arguments, string property, string expected) =>
        Assert.Equal(expected, SettingsText.Of(Read(arguments.Split('|')), property));

    [Fact]
    public void Each_option_has_its_row_in_the_table()
    {
        var given = Table.SelectMany(row => row.Data.Item1.Split('|')).ToHashSet();
        string[] answered = ["--help", "--version"];
        Assert.Equal([], Command().Options.Select(o => o.Name).Where(name => !given.Contains(name) && !answered.Contains(name)));
    }

    [Fact]
    public void What_is_not_given_is_as_the_engine_has_it()
    {
        var expected = new VpnWsClientOptions { Uri = new Uri("ws://h") };
        var actual = Read("t", "ws://h").Options;
        foreach (var property in typeof(VpnWsClientOptions).GetProperties().Where(p => p.Name is not nameof(VpnWsClientOptions.Tap)))
            Assert.Equal((property.Name, SettingsText.Text(property.GetValue(expected))), (property.Name, SettingsText.Text(property.GetValue(actual))));
    }

    [Theory]
    [InlineData("", "no TAP and URL given")]
    [InlineData("vpn0", "no URL given")]
    [InlineData("vpn0|ws://h|more", "too many arguments: 3, where there may be 2")]
    [InlineData("vpn0|http://h/", "the URL must begin with ws:// or wss://")]
    [InlineData("vpn0|h/path", "the URL must begin with ws:// or wss://")]
    [InlineData("vpn0|ws://h/#f", "the URL has a #fragment, which a WebSocket's may not have")]
    [InlineData("vpn0|ws://us%3Aer:p@h/", "a user name with a colon cannot be sent")]
    [InlineData("--key|k|vpn0|ws://h", "--key is for the certificate; give --crt too")]
    [InlineData("--password-file|k|vpn0|ws://h", "--password-file is for the certificate's key; give --crt too")]
    [InlineData("--address|10.0.0.2|t|ws://h", "--address: '10.0.0.2' is no address with a prefix length, such as 10.0.0.2/24")]
    [InlineData("--address|10.0.0.2/33|t|ws://h", "--address: '10.0.0.2/33' is no address with a prefix length, such as 10.0.0.2/24")]
    [InlineData("--header|novalue|t|ws://h", "--header: write it as 'Name: value'")]
    [InlineData("--header|: x|t|ws://h", "--header: write it as 'Name: value'")]
    [InlineData("--header|A B: x|t|ws://h", "--header: write it as 'Name: value'")]
    [InlineData("--header|A: x\ny|t|ws://h", "--header: the value of A has a control character in it")]
    [InlineData("--header|sec-websocket-key: x|t|ws://h", "--header: sec-websocket-key belongs to the handshake")]
    [InlineData("--header|Upgrade: x|t|ws://h", "--header: Upgrade belongs to the handshake")]
    [InlineData("--header|X-vpn-ws-MAC: x|t|ws://h", "--header: X-vpn-ws-MAC belongs to the handshake")]
    [InlineData("--fingerprint|abcd|t|wss://h", "--fingerprint: 'abcd' is not 64 hexadecimal digits, with or without colons")]
    [InlineData("--interface|a/b|t|ws://h", "--interface: 'a/b' is no name of an interface")]
    [InlineData("--mark|-1|t|ws://h", "--mark: '-1' is not a number from 0 to 4294967295")]
    [InlineData("--mark|1|--uid|nobody|t|ws://h", "--mark needs rights at every connect, which --uid gives up; run as that user with CAP_NET_ADMIN instead")]
    [InlineData("--verbose|--quiet|t|ws://h", "--verbose and --quiet do not go together")]
    [InlineData("--timeout|0|t|ws://h", "--timeout: '0' is not a number of seconds from 0.1 to 86400")]
    public void A_wrong_command_line_is_a_usage_error(string arguments, string message)
    {
        var error = Assert.Throws<ProgramException>(() => Read(arguments.Split('|', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Equal((ExitCode.Usage, message), (error.Code, error.Message));
    }

    [Theory]
    [InlineData("vpn0|wss://user:hunter2@h:99999/")]
    [InlineData("vpn0|user:hunter2@h")]
    [InlineData("vpn0|wss://user:hunter2/@h:x")]
    [InlineData("vpn0|x|wss://user:hunter2@h")]
    [InlineData("--proxy|ftp://user:hunter2@h|vpn0|ws://h")]
    [InlineData("--proxy|http://user:hunter2@|vpn0|ws://h")]
    [InlineData("--header|Authorization hunter2|vpn0|ws://h")]
    [InlineData("--header|Authorization: hunter2\x1|vpn0|ws://h")]
    [InlineData("--bogus=hunter2|vpn0|ws://h")]
    public void No_usage_error_shows_a_password(string arguments)
    {
        var error = Assert.Throws<ProgramException>(() => Read(arguments.Split('|')));
        Assert.DoesNotContain("hunter2", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ws://h", null, null, "null")]
    [InlineData("ws://h", "u", "p", "u/p")]
    [InlineData("ws://h", null, "p", "null")]
    [InlineData("ws://h", "u", null, "u/")]
    [InlineData("ws://a:b@h", "u", "p", "a/b")]
    [InlineData("ws://a@h", null, "p", "a/p")]
    [InlineData("ws://a@h", "u", "p", "a/p")]
    public void The_environment_fills_what_the_url_leaves_open(string url, string? user, string? password, string expected)
    {
        var command = new ClientCommand(name => name switch { "VPNWS_USER" => user, "VPNWS_PASSWORD" => password, _ => null });
        var credentials = command.Read(["t", url], () => TextWriter.Null)!.Options.Credentials;
        Assert.Equal(expected, credentials is null ? "null" : $"{credentials.UserName}/{credentials.Password}");
    }

    [Fact]
    public void The_help_states_the_defaults_that_the_engine_has()
    {
        var defaults = new VpnWsClientOptions { Uri = new Uri("ws://h") };
        Assert.Equal(Default(defaults.Timeout), DefaultOf("--timeout"));
        Assert.Equal(Default(defaults.PingInterval), DefaultOf("--ping-interval"));

        static string Default(TimeSpan time) => time.TotalSeconds.ToString(CultureInfo.InvariantCulture) + ".";
        static string DefaultOf(string option) => Command().Options.Single(o => o.Name == option).Description!.Split("Default: ")[1];
    }

    [Fact]
    public void The_environment_s_proxy_counts_where_none_is_given() => Assert.Null((IWebProxy?)Read("t", "ws://h").Options.Proxy);

    private static ClientCommand Command() => new(_ => null);

    private static ClientSettings Read(params string[] arguments) => Command().Read(arguments, () => TextWriter.Null)!;
}
