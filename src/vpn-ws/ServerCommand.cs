using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Security;
using VpnWs.Hosting;
using VpnWs.Server;
using VpnWs.Taps;
using VpnWs.Transport;

namespace VpnWs.ServerProgram;

/// <summary>The server's command line: that of the C program, and what is new.</summary>
internal sealed class ServerCommand : ProgramCommand<ServerSettings>
{
    private const string Allow = "allow";
    private const string Deny = "deny";
    private const double Day = 86_400;
    private const long MiB = 1024 * 1024;
    private const UnixFileMode AllRights = (UnixFileMode)0b111_111_111;

    private readonly Argument<ListenAddress?> _address = new("ADDRESS")
    {
        Description = "Where a web server reaches us over the uwsgi protocol: the path of a Unix socket, HOST:PORT, :PORT or [IPV6]:PORT. "
            + "Keep it from strangers: who connects may use the control interface.",
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = result =>
        {
            try
            {
                return ListenAddress.Parse(result.Tokens[0].Value);
            }
            catch (FormatException e)
            {
                result.AddError(e.Message);
                return null;
            }
        },
    };

    private readonly Option<string?> _tap = OptionKit.Text("--tuntap", "DEV", "Put this machine on the LAN too, with a tap of this name.");
    private readonly Option<bool> _bridge =
        OptionKit.Flag("--bridge", "The tap is a bridge port: many addresses behind it, and frames to unknown addresses go there.");

    private readonly Option<bool> _noBroadcast = OptionKit.Flag("--no-broadcast", "Broadcasts go to bridge ports only. Default: to everyone.");
    private readonly Option<bool> _noMulticast = OptionKit.Flag("--no-multicast", "Multicasts go to bridge ports only. Default: to everyone.");
    private readonly Option<ListenAddress[]> _http = OptionKit.Values(
        "--http", "ADDRESS", "Serve WebSocket clients directly, without a web server in between; ADDRESS may then be left out.", ListenAddress.Parse);

    private readonly Option<string?> _tlsCertificate = OptionKit.Path(
        "--tls-cert", "Speak TLS on --http (wss) with this certificate: PEM, intermediate ones after it, or PKCS #12 (.p12, .pfx) with its key.");

    private readonly Option<string?> _tlsKey =
        OptionKit.Path("--tls-key", "The private key to --tls-cert, in PEM. Default: it is in the file of --tls-cert.");

    private readonly Option<string?> _tlsPasswordFile =
        OptionKit.Path("--tls-password-file", "The first line of FILE is the password of the key or PKCS #12 file.");

    private readonly Option<IReadOnlyList<TlsCipherSuite>?> _tlsSuites = OptionKit.Value(
        "--tls-suites", "LIST", $"Take these cipher suites, best first: IANA's names with commas between, or {TlsSuites.SystemWord} for what OpenSSL is configured for. "
            + "Default: AES-128-GCM, ChaCha20-Poly1305, AES-256-GCM, and for TLS 1.2 AES-CBC, all with forward secrecy. Sessions are resumed with system alone.",
        TlsSuites.Parse);

    private readonly Option<string?> _clientAuthorities = OptionKit.Path(
        "--client-ca", "Ask clients on --http for a certificate that an authority in this PEM file has signed; its subject is the peer's DN.");

    private readonly Option<string?> _passwords = OptionKit.Path(
        "--htpasswd", "Ask clients on --http for a user and a password in FILE, whose lines are as htpasswd -B writes them; any hash that libxcrypt verifies will do.");

    private readonly Option<IPNetwork[]> _trustedProxies = OptionKit.Values(
        "--trusted-proxy", "CIDR", "Believe X-Forwarded-For, X-Remote-User and X-Client-DN from HTTP proxies in this network. Default: from nobody.", ReadNetwork);

    private readonly Option<string[]> _origins = OptionKit.Values(
        "--origin", "ORIGIN", "Of web pages let only those of this origin (https://HOST[:PORT]) connect. Default: any.", ReadOrigin);

    private readonly Option<string?> _path = OptionKit.Value(
        "--path", "PATH", "Serve this path on --http alone, and answer 404 to any other. Default: every path.",
        text => text is ['/', ..] ? text : throw new FormatException($"'{text}' does not begin with a slash"));

    private readonly Option<ListenAddress[]> _control = OptionKit.Values(
        "--control", "ADDRESS", "Serve the control interface over HTTP on a Unix socket (of mode 0600) or a loopback address.", ReadLocal);

    private readonly Option<UnixFileMode?> _socketMode = OptionKit.Value<UnixFileMode?>(
        "--socket-mode", "OCTAL", "The access rights of the Unix socket. Default: 0666.", ReadMode);

    private readonly Option<bool> _isolate = OptionKit.Flag("--isolate", "Peers reach the tap and bridge ports, not each other. Default: they do.");
    private readonly Option<string?> _peerBridge = OptionKit.Value(
        "--peer-bridge", "allow|deny", "Whether a peer that asks may be a bridge. Default: allow over uwsgi, deny over --http.",
        text => text is Allow or Deny ? text : throw new FormatException($"'{text}' is neither {Allow} nor {Deny}"));

    private readonly Option<string?> _rules = OptionKit.Path(
        "--rules", "What each peer may do, by user or certificate: bridge right, addresses, VLANs, bandwidth, guards. JSON, as in docs/rules.md; in place of --peer-bridge.");

    private readonly Option<int?> _stormLimit = OptionKit.Whole(
        "--storm-limit", "N", "Let a peer that is no bridge send this many broadcasts and multicasts a second; 0 for any number. Default: 1000.", 0, 1_000_000_000);

    private readonly Option<TimeSpan?> _pingInterval =
        OptionKit.Seconds("--ping-interval", "Ping a peer that was silent this long; 0 pings nobody. Default: 20.", 0, Day);

    private readonly Option<TimeSpan?> _pingTimeout =
        OptionKit.Seconds("--ping-timeout", "Drop a peer that stays silent this long after a ping. Default: 20.", 0.1, Day);

    private readonly Option<int?> _maxPeers =
        OptionKit.Whole("--max-peers", "N", "Serve this many peers at once and answer 503 to others. Default: 16384.", 1, 1_000_000);

    private readonly Option<int?> _maxPeersPerAddress = OptionKit.Whole(
        "--max-peers-per-address", "N", "Serve this many peers at once from one client address (of IPv6 its /64; this machine's own is not counted) and answer 429 to others. Default: 4096.", 1, 1_000_000);

    private readonly Option<int?> _maxPeersPerUser = OptionKit.Whole(
        "--max-peers-per-user", "N", "Serve this many peers at once of one user or certificate and answer 429 to others. Default: 4096.", 1, 1_000_000);

    private readonly Option<int?> _maxHandshakes = OptionKit.Whole(
        "--max-handshakes", "N", "Let this many connections be in their handshake at once; when there are more, slow ones make way. Default: 1024.", 1, 1_000_000);

    private readonly Option<int?> _maxHandshakesPerAddress = OptionKit.Whole(
        "--max-handshakes-per-address", "N", "Let this many connections from one client address be in their handshake at once. Default: 256.", 1, 1_000_000);

    private readonly Option<int?> _handshakeRate = OptionKit.Whole(
        "--handshake-rate", "N", "Take this many connections a second from one client address over time, and ten seconds' worth at once. Default: 200.", 1, 1_000_000);

    private readonly Option<TimeSpan?> _handshakeTimeout =
        OptionKit.Seconds("--handshake-timeout", "Give a request head this long to arrive. Default: 10.", 0.1, Day);

    private readonly Option<int?> _queue = OptionKit.Whole(
        "--queue", "BYTES", "Let this much wait to be sent to one peer; frames beyond that are dropped. Default: 1048576.", 65_536, int.MaxValue - 65_536);

    private readonly Option<int?> _totalQueue = OptionKit.Whole(
        "--total-queue", "MIB", "Let the queues of all peers hold this much memory; beyond it each may hold 64 KiB still. Default: 256.", 1, 1_000_000);

    private readonly Option<int?> _maxAddresses = OptionKit.Whole(
        "--max-addresses", "N", "Hold this many MAC addresses before bridges may have no more of them. Default: 65536.", 1, 10_000_000);

    private readonly Option<TimeSpan?> _ageing =
        OptionKit.Seconds("--ageing", "Forget an address that was learned once nothing came from it this long. Default: 300.", 1, 1_000_000);

    private readonly Option<bool> _forwardReserved = OptionKit.Flag(
        "--forward-reserved", "Flood 01:80:c2:00:00:00 to 0f (spanning tree, pause, LLDP) like other multicasts. Default: drop them.");

    private readonly Option<ControlAddress?> _status = OptionKit.Value<ControlAddress?>(
        "--status", "ADDRESS", "Be no server, but show the peers of one that runs: ADDRESS is what it was given (or was given as --control), or the URL of a web server's admin location.",
        ControlAddress.Parse);

    private readonly Option<bool> _json = OptionKit.Flag("--json", "With --status: print what the server answers as it is.");
    private readonly Option<bool> _watch = OptionKit.Flag("--watch", "With --status: go on every second, with rates.");
    private readonly Option<long?> _kill = OptionKit.Value<long?>(
        "--kill", "ID", "With --status: end the connection of the peer of this number.",
        text => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : throw new FormatException($"'{text}' is no number of a peer"));

    private readonly Func<IReadOnlyList<ActivatedSocket>>? _takeActivated;
    private IReadOnlyList<ActivatedSocket> _activated = [];

    /// <param name="takeActivated">Takes over the sockets that the service manager listens on for us; asked once the command line turns out to be a server's.</param>
    public ServerCommand(Func<IReadOnlyList<ActivatedSocket>>? takeActivated = null)
        : base("vpn-ws", "A switch for Ethernet over WebSockets: everyone who connects is on one LAN.", Epilogue)
    {
        _takeActivated = takeActivated;
        Arguments.Add(_address);
        AddOptions(
            _tap, _bridge, Exec, _noBroadcast, _noMulticast, User, Group, _http, _tlsCertificate, _tlsKey, _tlsPasswordFile, _tlsSuites, _clientAuthorities, _passwords,
            _trustedProxies, _origins, _path, _control, _socketMode, _isolate, _peerBridge, _rules, _stormLimit, _forwardReserved,
            _pingInterval, _pingTimeout, _maxPeers, _maxPeersPerAddress, _maxPeersPerUser, _maxHandshakes, _maxHandshakesPerAddress, _handshakeRate,
            _handshakeTimeout, _queue, _totalQueue, _maxAddresses, _ageing, Mtu, NoOffload,
            _status, _json, _watch, _kill);
    }

    protected override IReadOnlyCollection<string> ClassicOptions { get; } =
        ["--tuntap", "--exec", "--bridge", "--no-broadcast", "--no-multicast", "--uid", "--gid", "--help"];

    private static string Epilogue => """
        Signals:
          TERM and INT end the program in good order; the second one ends it at once. HUP reads the
          certificates, passwords and rules again, which is also done by itself within seconds of a change.
          USR1 writes what the server has done so far to the log.

        Exit codes:
          0 stopped as asked, 1 failed, 2 wrong command line.

        Examples:
          vpn-ws /run/vpn.sock                                     behind nginx: uwsgi_pass unix:/run/vpn.sock;
          vpn-ws --tuntap vpn0 --exec "ip addr add 10.0.0.1/24 dev vpn0 && ip link set vpn0 up" --uid nobody /run/vpn.sock
          vpn-ws --status /run/vpn.sock --watch                    who is there, and how much passes
          vpn-ws --http :443 --tls-cert vpn.crt --tls-key vpn.key  without a web server
        """;

    protected override ServerSettings Bind(ParseResult result)
    {
        if (ReadStatus(result) is { } status) return new ServerSettings(new VpnWsServerOptions(), null, null, null, ReadLog(result)) { Status = status };
        var uwsgi = result.GetValue(_address);
        _activated = _takeActivated?.Invoke() ?? [];
        var ours = Activated("uwsgi");
        ListenAddress[] http = [.. result.GetValue(_http) ?? [], .. Activated("http")];
        ListenAddress[] control = [.. result.GetValue(_control) ?? [], .. Activated("control")];
        if (_activated.FirstOrDefault(socket => socket.Name is not ("uwsgi" or "http" or "control")) is { } stray)
            throw new ProgramException($"the service manager's socket {stray.Address} is called '{stray.Name}'; call it uwsgi, http or control (FileDescriptorName=)");
        if (control.FirstOrDefault(address => !address.IsLocal) is { } open)
            throw new ProgramException($"the service manager's socket {open} for the control interface can be reached by others");
        var tap = result.GetValue(_tap);
        var mtu = result.GetValue(Mtu);
        if (uwsgi is null && ours.Length == 0 && http.Length == 0) throw ProgramException.Usage("give an ADDRESS for the web server, or --http ADDRESS");
        if (tap is null && mtu is not null) throw ProgramException.Usage("--mtu is for the tap; give --tuntap too");
        var certificate = ReadCertificate(result);
        if (http.Length == 0 && HttpOnly(result) is { } option) throw ProgramException.Usage($"{option} is for --http ADDRESS; give that too");
        if (result.GetValue(_rules) is not null && result.GetValue(_peerBridge) is not null)
            throw ProgramException.Usage("with --rules it is the rules that say who may be a bridge; leave out --peer-bridge");
        var defaults = new VpnWsServerOptions();
        var offload = !result.GetValue(NoOffload);
        var options = defaults with
        {
            UwsgiAddresses = uwsgi is null ? ours : [uwsgi, .. ours],
            HttpAddresses = http,
            TrustedProxies = result.GetValue(_trustedProxies) ?? [],
            HttpOrigins = result.GetValue(_origins) ?? [],
            HttpPath = result.GetValue(_path),
            ControlAddresses = control,
            SocketMode = result.GetValue(_socketMode) ?? defaults.SocketMode,
            Tap = tap is null ? null : new TapOptions { Name = tap, Mtu = mtu, Offload = offload },
            Bridge = result.GetValue(_bridge),
            Isolate = result.GetValue(_isolate),
            Broadcast = !result.GetValue(_noBroadcast),
            Multicast = !result.GetValue(_noMulticast),
            ForwardReserved = result.GetValue(_forwardReserved),
            PeerBridge = result.GetValue(_peerBridge) is { } allowance ? allowance == Allow : null,
            StormLimit = result.GetValue(_stormLimit) ?? defaults.StormLimit,
            AgeingTime = result.GetValue(_ageing) ?? defaults.AgeingTime,
            MaxPeers = result.GetValue(_maxPeers) ?? defaults.MaxPeers,
            MaxPeersPerAddress = result.GetValue(_maxPeersPerAddress) ?? defaults.MaxPeersPerAddress,
            MaxPeersPerUser = result.GetValue(_maxPeersPerUser) ?? defaults.MaxPeersPerUser,
            MaxHandshakes = result.GetValue(_maxHandshakes) ?? defaults.MaxHandshakes,
            MaxHandshakesPerAddress = result.GetValue(_maxHandshakesPerAddress) ?? defaults.MaxHandshakesPerAddress,
            HandshakeRatePerAddress = result.GetValue(_handshakeRate) ?? defaults.HandshakeRatePerAddress,
            HandshakeTimeout = result.GetValue(_handshakeTimeout) ?? defaults.HandshakeTimeout,
            OutboxLimit = result.GetValue(_queue) ?? defaults.OutboxLimit,
            TotalOutboxLimit = result.GetValue(_totalQueue) is { } mebibytes ? mebibytes * MiB : defaults.TotalOutboxLimit,
            MaxAddresses = result.GetValue(_maxAddresses) ?? defaults.MaxAddresses,
            PingInterval = result.GetValue(_pingInterval) ?? defaults.PingInterval,
            PingTimeout = result.GetValue(_pingTimeout) ?? defaults.PingTimeout,
            Offload = offload,
        };
        return new ServerSettings(options, result.GetValue(Exec), result.GetValue(User), result.GetValue(Group), ReadLog(result))
        {
            IsOpen = result.GetValue(NoConfine),
            Certificate = certificate,
            PasswordPath = result.GetValue(_passwords),
            RulesPath = result.GetValue(_rules),
        };
    }

    private ListenAddress[] Activated(string name) => [.. _activated.Where(socket => socket.Name == name).Select(socket => socket.Address)];

    private StatusSettings? ReadStatus(ParseResult result)
    {
        var (json, watch, kill) = (result.GetValue(_json), result.GetValue(_watch), result.GetValue(_kill));
        if (result.GetValue(_status) is not { } address)
            return !json && !watch && kill is null ? null : throw ProgramException.Usage("--json, --watch and --kill are for --status ADDRESS; give that too");
        if (result.GetValue(_address) is not null) throw ProgramException.Usage("with --status there is no other ADDRESS");
        return kill is not null && (json || watch)
            ? throw ProgramException.Usage("--kill prints nothing; leave out --json and --watch")
            : new StatusSettings(address, json, watch, kill);
    }

    private ServerCertificate? ReadCertificate(ParseResult result)
    {
        var certificate = result.GetValue(_tlsCertificate);
        var key = result.GetValue(_tlsKey);
        var passwordFile = result.GetValue(_tlsPasswordFile);
        var clientAuthorities = result.GetValue(_clientAuthorities);
        var suites = result.GetValue(_tlsSuites);
        if (certificate is not null)
            return new ServerCertificate(certificate, key, passwordFile, clientAuthorities) { Suites = suites ?? TlsSuites.Preferred };
        if (suites is not null) throw ProgramException.Usage("--tls-suites is for TLS; give --tls-cert too");
        if (clientAuthorities is not null) throw ProgramException.Usage("--client-ca is for TLS; give --tls-cert too");
        if (key is not null) throw ProgramException.Usage("--tls-key is for the certificate; give --tls-cert too");
        if (passwordFile is not null) throw ProgramException.Usage("--tls-password-file is for the certificate's key; give --tls-cert too");
        return null;
    }

    private string? HttpOnly(ParseResult result)
    {
        Option[] options = [_tlsCertificate, _passwords, _trustedProxies, _origins, _path];
        return options.FirstOrDefault(option => result.GetResult(option) is { Implicit: false })?.Name;
    }

    private static IPNetwork ReadNetwork(string text) =>
        IPNetwork.TryParse(text, out var network) ? Exact(text, network)
        : IPAddress.TryParse(text, out var address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
        : throw new FormatException($"'{text}' is no network, such as 10.0.0.0/8 or 192.0.2.1");

    // Whoever writes 10.0.0.1/8 may mean either.
    private static IPNetwork Exact(string text, IPNetwork network) =>
        IPAddress.Parse(text[..text.IndexOf('/', StringComparison.Ordinal)]) is var address && address.Equals(network.BaseAddress)
            ? network
            : throw new FormatException($"'{text}' may be the network {network} or the address {address}; write one of them");

    private static string ReadOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.GetLeftPart(UriPartial.Authority).Equals(text, StringComparison.OrdinalIgnoreCase)
            ? text
            : throw new FormatException($"'{text}' is no origin, such as https://example.com");

    private static ListenAddress ReadLocal(string text) =>
        ListenAddress.Parse(text) is { IsLocal: true } address
            ? address
            : throw new FormatException($"'{text}' can be reached by others: choose a Unix socket or a loopback address, such as 127.0.0.1:8081");

    private static UnixFileMode? ReadMode(string text)
    {
        var mode = 0;
        foreach (var digit in text)
        {
            if (digit is < '0' or > '7') throw new FormatException($"'{text}' is no octal number");
            mode = Math.Min((mode * 8) + digit - '0', (int)AllRights + 1);
        }

        return text.Length > 0 && mode <= (int)AllRights ? (UnixFileMode)mode : throw new FormatException($"'{text}' is not from 0 to 0777");
    }
}
