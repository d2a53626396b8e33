using System.CommandLine;
using System.Globalization;
using System.Net;
using VpnWs.Client;
using VpnWs.Hosting;
using VpnWs.Taps;

namespace VpnWs.ClientProgram;

/// <summary>The client's command line: that of the C program, and what is new.</summary>
internal sealed class ClientCommand : ProgramCommand<ClientSettings>
{
    /// <summary>The variables for credentials that are not to be seen in a list of processes.</summary>
    public const string UserVariable = "VPNWS_USER";

    private const double Day = 86_400;

    private readonly Func<string, string?> _environment;
    private readonly Argument<string> _tap = new("TAP")
    {
        Description = "The name of the tap, such as vpn0, or vpn%d for the first free number; one made beforehand is used.",
        Arity = ArgumentArity.ExactlyOne,
    };

    private readonly Argument<string> _url = new("URL")
    {
        Description = "The server: ws://HOST[:PORT]/PATH or wss://..., with USER:PASSWORD@ before HOST for Basic credentials "
            + "(special characters as %40 and so on). To keep them out of sight of other users, set VPNWS_USER and VPNWS_PASSWORD instead.",
        Arity = ArgumentArity.ExactlyOne,
    };

    private readonly Option<string?> _key =
        OptionKit.Path("--key", "The private key to --crt, in PEM. Default: it is in the file of --crt.");

    private readonly Option<string?> _certificate = OptionKit.Path(
        "--crt", "Show this certificate to the server: PEM, intermediate ones after it, or PKCS #12 (.p12, .pfx) with its key.");

    private readonly Option<string?> _passwordFile =
        OptionKit.Path("--password-file", "The first line of FILE is the password of the key or PKCS #12 file.");

    private readonly Option<bool> _noVerify =
        OptionKit.Flag("--no-verify", "Accept any certificate from the server. Default: check it and its host name.");

    private readonly Option<string?> _authorities =
        OptionKit.Path("--ca", "Trust the authorities in this PEM file alone. Default: those that the system trusts.");

    private readonly Option<string[]> _fingerprints = OptionKit.Values(
        "--fingerprint", "SHA256", "Accept the server's certificate if this is its SHA-256 fingerprint (openssl x509 -noout -fingerprint -sha256), whoever signed it.", ReadFingerprint);

    private readonly Option<string?> _interface = OptionKit.Value(
        "--interface", "DEV", "Reach the server through this interface, also when the LAN takes the default route over.",
        text => text.Length is > 0 and < 16 && !text.Contains('/', StringComparison.Ordinal) ? text : throw new FormatException($"'{text}' is no name of an interface"));

    private readonly Option<uint?> _mark = OptionKit.Value<uint?>(
        "--mark", "N", "Mark the packets to the server with this number, decimal or 0x..., for ip rule fwmark and firewalls.", ReadMark);

    private readonly Option<bool> _bridge = OptionKit.Flag("--bridge", "Ask to be a bridge: many addresses behind this client.");

    private readonly Option<WebProxy?> _proxy = OptionKit.Value(
        "--proxy",
        "URL",
        "Go through this proxy: http://, https://, socks4://, socks4a:// or socks5://, with USER:PASSWORD@ where it wants that. "
        + "Default: as http_proxy, https_proxy, all_proxy and no_proxy say.",
        ServerUrl.ParseProxy);

    private readonly Option<InterfaceAddress[]> _addresses = OptionKit.Values(
        "--address", "CIDR", "Give the tap this address, such as 10.0.0.2/24 or fd00::2/64, and set it up.", ReadAddress);

    private readonly Option<KeyValuePair<string, string>[]> _headers =
        OptionKit.Values("--header", "NAME: VALUE", "Send this header field with the handshake.", HeaderText.Parse);

    private readonly Option<bool> _once = OptionKit.Flag("--once", "End with the link, or with the first failure. Default: connect again for ever.");

    private readonly Option<TimeSpan?> _timeout = OptionKit.Seconds(
        "--timeout", "How long making a link may take, and how soon a dead one is noticed. Default: 30.", 0.1, Day);

    private readonly Option<TimeSpan?> _pingInterval =
        OptionKit.Seconds("--ping-interval", "Ping the server once nothing went either way this long. Default: 17.", 0.1, Day);

    public ClientCommand(Func<string, string?> environment)
        : base("vpn-ws-client", "Joins this machine to a LAN over WebSockets.", Epilogue)
    {
        _environment = environment;
        Arguments.Add(_tap);
        Arguments.Add(_url);
        AddOptions(
            Exec, _key, _certificate, _passwordFile, _authorities, _noVerify, _fingerprints, _bridge, _addresses, Mtu, _proxy, _interface, _mark, _headers,
            User, Group, _once, _timeout, _pingInterval, NoOffload);
    }

    protected override IReadOnlyCollection<string> ClassicOptions { get; } = ["--exec", "--key", "--crt", "--no-verify", "--bridge"];

    private static string Epilogue => """
        Signals:
          TERM and INT end the program in good order; the second one ends it at once. HUP does nothing.
          USR1 writes what the client has done so far to the log.

        Exit codes:
          0 stopped as asked, 1 failed, 2 wrong command line. With --once also: 3 other credentials are wanted, 4 a certificate
          was not accepted, 5 no answer, 6 an answer that is no WebSocket, 7 there was a link and it ended.

        Examples:
          vpn-ws-client --address 10.0.0.2/24 vpn0 wss://user:password@vpn.example.com/vpn
          vpn-ws-client --exec "ip link set vpn0 up; dhclient vpn0" --key me.key --crt me.crt vpn0 wss://vpn.example.com/vpn
        """;

    protected override ClientSettings Bind(ParseResult result)
    {
        var (uri, credentials) = ReadUrl(result);
        var certificate = result.GetValue(_certificate);
        var key = result.GetValue(_key);
        var passwordFile = result.GetValue(_passwordFile);
        if (certificate is null && key is not null) throw ProgramException.Usage("--key is for the certificate; give --crt too");
        if (certificate is null && passwordFile is not null) throw ProgramException.Usage("--password-file is for the certificate's key; give --crt too");
        var fingerprints = result.GetValue(_fingerprints) ?? [];
        if (fingerprints.Length > 0 && (result.GetValue(_noVerify) || result.GetValue(_authorities) is not null))
            throw ProgramException.Usage("--fingerprint decides alone; leave out --no-verify and --ca");
        if (result.GetValue(_mark) is not null && result.GetValue(User) is not null)
            throw ProgramException.Usage("--mark needs rights at every connect, which --uid gives up; run as that user with CAP_NET_ADMIN instead");
        var offload = !result.GetValue(NoOffload);
        var options = new VpnWsClientOptions
        {
            Uri = uri,
            Credentials = credentials,
            Tap = new TapOptions
            {
                Name = result.GetRequiredValue(_tap),
                Mtu = result.GetValue(Mtu),
                IPAddresses = result.GetValue(_addresses) ?? [],
                Offload = offload,
            },
            Bridge = result.GetValue(_bridge),
            VerifyCertificate = !result.GetValue(_noVerify),
            CertificateFingerprints = fingerprints,
            OutgoingInterface = result.GetValue(_interface),
            Mark = result.GetValue(_mark),
            Proxy = result.GetValue(_proxy),
            Headers = result.GetValue(_headers) ?? [],
            Reconnect = !result.GetValue(_once),
            Offload = offload,
        };
        return new ClientSettings(
            options with
            {
                Timeout = result.GetValue(_timeout) ?? options.Timeout,
                PingInterval = result.GetValue(_pingInterval) ?? options.PingInterval,
            },
            ReadLog(result))
        {
            IsOpen = result.GetValue(NoConfine),
            CertificatePath = certificate,
            KeyPath = key,
            PasswordPath = passwordFile,
            AuthoritiesPath = result.GetValue(_authorities),
            Command = result.GetValue(Exec),
            User = result.GetValue(User),
            Group = result.GetValue(Group),
        };
    }

    private (Uri Uri, NetworkCredential? Credentials) ReadUrl(ParseResult result)
    {
        try
        {
            var (uri, credentials) = ServerUrl.Parse(result.GetRequiredValue(_url));
            return (uri, ServerUrl.Complete(credentials, _environment(UserVariable), _environment(ShellHook.PasswordVariable)));
        }
        catch (FormatException e)
        {
            throw ProgramException.Usage(e.Message);
        }
    }

    private static string ReadFingerprint(string text)
    {
        var digits = (text.StartsWith("sha256:", StringComparison.OrdinalIgnoreCase) ? text[7..] : text).Replace(":", "", StringComparison.Ordinal);
        return digits.Length == 64 && digits.All(char.IsAsciiHexDigit) ? digits : throw new FormatException($"'{text}' is not 64 hexadecimal digits, with or without colons");
    }

    private static uint? ReadMark(string text)
    {
        var isHex = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        return uint.TryParse(isHex ? text.AsSpan(2) : text, isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out var mark)
            ? mark
            : throw new FormatException($"'{text}' is not a number from 0 to 4294967295");
    }

    private static InterfaceAddress ReadAddress(string text) =>
        text.Contains('/', StringComparison.Ordinal) && InterfaceAddress.TryParse(text, out var address)
            ? address
            : throw new FormatException($"'{text}' is no address with a prefix length, such as 10.0.0.2/24");
}
