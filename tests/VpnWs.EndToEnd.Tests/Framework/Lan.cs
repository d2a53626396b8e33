namespace VpnWs.Tests.Framework;

/// <summary>
/// A whole LAN over WebSockets: a server in a namespace of its own ("the hub"), clients in theirs, and a cable from each to the hub.
/// The cables carry 10.77.0.0/24 and fd77::/64, the LAN carries 10.88.0.0/24 and fd88::/64.
/// </summary>
internal sealed class Lan : IDisposable
{
    public const string HubAddress = "10.77.0.1";
    public const string HubAddressV6 = "fd77::1";
    public const string HubName = "vpn.test";
    public const int HttpPort = 8080;
    public const string ServerTapAddress = "10.88.0.1";
    public const string TapName = "vpn0";
    public const string User = "ada";
    public const string Password = "love-lace";

    private readonly LanOptions _options;
    private readonly List<NetworkNamespace> _machines = [];
    private readonly List<LanClient> _clients = [];

    private Lan(LanOptions options)
    {
        // The C server has no listener of its own: nginx goes in between.
        _options = options is { Way: Way.Direct, Server.IsClassic: true } ? options with { Way = Way.Nginx } : options;
        Hub = AddMachine("hub");
        Authority = new Certificates(Scratch, "authority");
        ClientKeys = Authority.IssueClient("client-one");
        try
        {
            Hub.Ip("link add wire type bridge");
            Hub.Ip("link set wire up");
            Hub.Ip($"addr add {HubAddress}/24 dev wire");
            Hub.Ip($"addr add {HubAddressV6}/64 dev wire nodad");
            options.PrepareHub?.Invoke(Hub);
            Server = StartServer();
            if (_options.Way is not (Way.Direct or Way.DirectTls)) StartNginx();
            WaitUntilReachable();
            for (var i = 0; i < options.Clients; i++) Join();
            WaitUntilJoined();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public NetworkNamespace Hub { get; }

    public Scratch Scratch { get; } = new();

    public Certificates Authority { get; }

    /// <summary>A certificate that the hub's nginx lets in.</summary>
    public KeyPair ClientKeys { get; }

    public ProcessUnderTest Server { get; private set; }

    /// <summary>The web server in between, where the way leads through one.</summary>
    public Nginx? Nginx { get; private set; }

    /// <summary>The server's uwsgi socket, there whatever the way.</summary>
    public string SocketPath => Scratch.PathOf("vpn.sock");

    public ControlInterface Control => new(SocketPath);

    public IReadOnlyList<LanClient> Clients => _clients;

    /// <summary>The URL that leads in, with the password where one is needed.</summary>
    public string Url => _options.Way switch
    {
        Way.Direct => $"ws://{HubAddress}:{HttpPort}/vpn",
        Way.DirectTls => $"wss://{HubAddress}:{HttpPort}/vpn",
        Way.Nginx => $"ws://{HubAddress}/vpn",
        Way.NginxPassword => $"wss://{User}:{Password}@{HubAddress}/vpn",
        _ => $"wss://{HubAddress}/vpn",
    };

    public static Lan Start(LanOptions? options = null)
    {
        Requires.Root();
        return new Lan(options ?? new LanOptions());
    }

    /// <summary>Makes a machine with a cable to the hub, without any program in it; its address ends with the number.</summary>
    public NetworkNamespace AddMachine(string role, int number)
    {
        var machine = AddMachine(role);
        machine.Connect("eth0", Hub, $"port{number}");
        Hub.Ip($"link set port{number} master wire");
        machine.Ip($"addr add 10.77.0.{number}/24 dev eth0");
        machine.Ip($"addr add fd77::{number}/64 dev eth0 nodad");
        return machine;
    }

    /// <summary>Makes a machine without any cable.</summary>
    public NetworkNamespace AddMachine(string role)
    {
        var machine = new NetworkNamespace(role);
        _machines.Add(machine);
        return machine;
    }

    /// <summary>Starts one more client; see <see cref="WaitUntilJoined"/>.</summary>
    public LanClient Join(LanClientOptions? options = null)
    {
        options ??= new LanClientOptions();
        var number = _clients.Count + 11;
        var of = options.Of ?? _options.ClientsOf;
        var machine = AddMachine($"client{number}", number);
        options.Prepare?.Invoke(machine);
        var hook = options.Hook ?? LanClient.SetUp(TapName, number, _options.Mtu);
        string[] command = [of.Client, "--exec", hook, .. Admission(of), .. options.Options, TapName, options.Url ?? Url];
        var client = new LanClient(machine, number, command);
        _clients.Add(client);
        return client;
    }

    /// <summary>Waits until every client program has its connection.</summary>
    public void WaitUntilJoined(TimeSpan? deadline = null) => Eventually.True(
        "all clients are joined",
        () => _clients.All(client => !client.Process.HasExited) ? Control.CountPeers() == _clients.Count : throw new InvalidOperationException("A client ended."),
        deadline,
        () => string.Join(Environment.NewLine, _clients.Select(client => client.Process).Prepend(Server)));

    /// <summary>Starts the server again after it ended.</summary>
    public void RestartServer()
    {
        Server.Dispose();
        Server = StartServer();
    }

    public void StartNginx() => Nginx = new Nginx(Hub, Scratch, NginxSite.For(this, _options.Way));

    public void StopNginx()
    {
        Nginx?.Dispose();
        Nginx = null;
    }

    public void Dispose()
    {
        foreach (var client in _clients) client.Dispose();
        Nginx?.Dispose();
        Server?.Dispose();
        foreach (var machine in _machines) machine.Dispose();
        Authority.Dispose();
        Scratch.Dispose();
    }

    private ProcessUnderTest StartServer()
    {
        string[] tap = _options.ServerTap ? ["--tuntap", TapName, "--exec", _options.ServerHook ?? LanClient.SetUp(TapName, 1, _options.Mtu)] : [];
        string[] http = _options.Way is Way.Direct or Way.DirectTls ? ["--http", $"{HubAddress}:{HttpPort}", "--http", $"[{HubAddressV6}]:{HttpPort}"] : [];
        var keys = _options.Way is Way.DirectTls ? Authority.IssueServer(HubName, HubAddress) : null;
        string[] tls = keys is null ? [] : ["--tls-cert", keys.CertificateFile, "--tls-key", keys.KeyFile];
        return Hub.Start([_options.Server.Server, .. tap, .. http, .. tls, .. _options.ServerOptions, SocketPath]);
    }

    private void WaitUntilReachable()
    {
        Eventually.True("the server's socket is there", () => File.Exists(SocketPath) || Server.HasExited, state: Server.ToString);
        Assert.False(Server.HasExited, Server.ToString());
        Control.WaitForPeers(0);
    }

    private string[] Admission(ProgramPair of)
    {
        if (_options.Way is Way.Direct or Way.Nginx) return [];
        // The C client knows no other authority than the system's.
        string[] trust = of.IsClassic ? ["--no-verify"] : ["--ca", Authority.AuthorityFile];
        string[] identity = _options.Way is Way.NginxCertificate ? ["--crt", ClientKeys.CertificateFile, "--key", ClientKeys.KeyFile] : [];
        return [.. trust, .. identity];
    }
}
