using System.Management.Automation;
using VpnWs.Hosting;
using VpnWs.Server;
using VpnWs.Taps;
using VpnWs.Transport;

namespace VpnWs.PowerShell;

/// <summary>Starts a switch in this process: everyone who connects to it is on one LAN.</summary>
/// <remarks>
/// <para>Behind a web server it is reached over the uwsgi protocol at -Address; keep that address from strangers, for whoever can connect to it can also remove peers. Clients reach it directly at -Http.</para>
/// <para>With -Certificate or -CertificatePath it speaks TLS (wss) at -Http.</para>
/// <para>The files of -Rules, -HtpasswdPath, -CertificatePath, -KeyPath and -ClientCA are read again within two seconds of a change. Connections go on; new rules hold for those who are connected, too. Where a file cannot be used the old one stays, and the server's event StateChanged tells why, with the level Warning.</para>
/// <para>The server goes on until Stop-VpnWsServer, or until the module is removed or the session ends.</para>
/// </remarks>
/// <example>
///   <para>Starts a server for clients of this machine, on a free port.</para>
///   <code>$server = Start-VpnWsServer -Http 127.0.0.1:0
/// $server.Uri</code>
/// </example>
/// <example>
///   <para>Starts a server behind a web server and keeps its peers apart.</para>
///   <code>Start-VpnWsServer -Address /tmp/vpn.sock -SocketMode 0660 -Isolate -Name office</code>
/// </example>
/// <example>
///   <para>Puts this machine on the LAN too, with an address. Takes root.</para>
///   <code>Start-VpnWsServer -Http 127.0.0.1:0 -Tap vpn0 -Exec { ip addr add 10.0.0.1/24 dev $_; ip link set $_ up }</code>
/// </example>
/// <example>
///   <para>Serves everyone who has the password, over TLS. Takes a certificate and root.</para>
///   <code>Start-VpnWsServer -Http :443 -CertificatePath server.crt -KeyPath server.key -HtpasswdPath vpn.htpasswd -Path /vpn</code>
/// </example>
/// <example>
///   <para>Lets the user gateway be bridge, router and DHCP server, and holds everybody else to 20 Mbit/s.</para>
///   <code>Start-VpnWsServer -Http 127.0.0.1:0 -Rules @{ User = 'gateway'; Bridge = $true; DhcpGuard = $false; RouterGuard = $false }, @{ UploadLimit = '20M' }</code>
/// </example>
/// <example>
///   <para>Tells of every peer that joins, without waiting for it.</para>
///   <code>$server = Start-VpnWsServer -Http 127.0.0.1:0
/// Register-ObjectEvent $server PeerJoined -Action { Write-Host $EventArgs.Message }</code>
/// </example>
[Cmdlet(VerbsLifecycle.Start, "VpnWsServer", DefaultParameterSetName = PlainSet, SupportsShouldProcess = true)]
[OutputType(typeof(LanServer))]
public sealed partial class StartVpnWsServerCommand : CertificateCmdlet
{
    private VpnWsServerOptions _options = new();

    /// <summary>Where web servers reach it over the uwsgi protocol: the path of a Unix socket, host:port, :port or [v6]:port. Port 0 takes a free one.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public ListenAddress[] Address
    {
        get => [.. _options.UwsgiAddresses];
        set => _options = _options with { UwsgiAddresses = value };
    }

    /// <summary>Where WebSocket clients reach it directly: host:port, :port, [v6]:port or the path of a Unix socket. Port 0 takes a free one.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public ListenAddress[] Http
    {
        get => [.. _options.HttpAddresses];
        set => _options = _options with { HttpAddresses = value };
    }

    /// <summary>Where the control interface is served over HTTP: the path of a Unix socket, or an address of this machine alone.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public ListenAddress[] Control
    {
        get => [.. _options.ControlAddresses];
        set => _options = _options with { ControlAddresses = value };
    }

    /// <summary>The access rights of a Unix socket that is made, in octal; by default 0666.</summary>
    [Parameter]
    [OctalMode]
    public UnixFileMode SocketMode
    {
        get => _options.SocketMode;
        set => _options = _options with { SocketMode = value };
    }

    /// <summary>The tap that puts this machine on the LAN too: one of this session, or the name of one to make.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(FreeTapCompleter))]
    [ValidateNotNull]
    public TapSource? Tap { get; set; }

    /// <summary>Makes the tap of -Tap a bridge port: many addresses behind it, and frames to unknown addresses go there.</summary>
    [Parameter]
    public SwitchParameter Bridge
    {
        get => _options.Bridge;
        set => _options = _options with { Bridge = value };
    }

    /// <summary>Keeps peers apart: they reach the server's tap and bridges, not each other.</summary>
    [Parameter]
    public SwitchParameter Isolate
    {
        get => _options.Isolate;
        set => _options = _options with { Isolate = value };
    }

    /// <summary>Sends broadcasts to bridge ports only; by default they go to everyone.</summary>
    [Parameter]
    public SwitchParameter NoBroadcast
    {
        get => !_options.Broadcast;
        set => _options = _options with { Broadcast = !value };
    }

    /// <summary>Sends multicasts to bridge ports only; by default they go to everyone.</summary>
    [Parameter]
    public SwitchParameter NoMulticast
    {
        get => !_options.Multicast;
        set => _options = _options with { Multicast = !value };
    }

    /// <summary>Floods 01:80:c2:00:00:00 to 0f (spanning tree, pause, LLDP) like other multicasts; by default they are dropped.</summary>
    [Parameter]
    public SwitchParameter ForwardReserved
    {
        get => _options.ForwardReserved;
        set => _options = _options with { ForwardReserved = value };
    }

    /// <summary>Whether a peer that asks may be a bridge; by default over uwsgi but not over HTTP.</summary>
    [Parameter]
    public bool PeerBridge
    {
        get => _options.PeerBridge ?? false;
        set => _options = _options with { PeerBridge = value };
    }

    /// <summary>What each peer may do, by user or certificate: the path of a rules file (JSON), which is read again when it changes, or rules as hashtables or objects whose properties are called as in that file. They decide who may be a bridge, in place of -PeerBridge.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public object[]? Rules { get; set; }

    /// <summary>How many broadcasts and multicasts a second a peer that is no bridge may send, where no rule says otherwise; by default 1000; 0 for any number.</summary>
    [Parameter]
    [ValidateRange(0L, 1_000_000_000L)]
    public long StormLimit
    {
        get => _options.StormLimit;
        set => _options = _options with { StormLimit = value };
    }

    /// <summary>How many seconds a learned address is kept without a frame from it; by default 300.</summary>
    [Parameter]
    [ValidateRange(1.0, 1_000_000.0)]
    public double AgeingSec
    {
        get => _options.AgeingTime.TotalSeconds;
        set => _options = _options with { AgeingTime = TimeSpan.FromSeconds(value) };
    }

    /// <summary>How many seconds a peer may be silent before it is pinged; by default 20; 0 pings nobody.</summary>
    [Parameter]
    [ValidateRange(0.0, Seconds.PerDay)]
    public double PingIntervalSec
    {
        get => _options.PingInterval.TotalSeconds;
        set => _options = _options with { PingInterval = TimeSpan.FromSeconds(value) };
    }

    /// <summary>How many seconds a pinged peer may stay silent before its connection is closed; by default 20.</summary>
    [Parameter]
    [ValidateRange(0.1, Seconds.PerDay)]
    public double PingTimeoutSec
    {
        get => _options.PingTimeout.TotalSeconds;
        set => _options = _options with { PingTimeout = TimeSpan.FromSeconds(value) };
    }

    /// <summary>Carries no super-frames, neither to peers nor to a tap that is made.</summary>
    [Parameter]
    public SwitchParameter NoOffload
    {
        get => !_options.Offload;
        set => _options = _options with { Offload = !value };
    }

    /// <summary>A script block to run once the tap is there and before any peer is served. The tap is $_ and the first argument; without -Tap both are null. An error that ends it, or a program that fails, undoes the start and ends the cmdlet with that error; about_VpnWs tells which do. Its output goes to the information stream.</summary>
    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? Exec { get; set; }

    /// <summary>The name of the server in this session; by default server and the first free number.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    private protected override object? Target => Name;

    private protected override void Process()
    {
        Name ??= Session.Servers.FreeName("server");
        if (_options.UwsgiAddresses.Count + _options.HttpAddresses.Count == 0)
            throw new LanException("NoAddress", ErrorCategory.InvalidArgument, "The server has no address to listen on.", "Give -Address for a web server, or -Http for clients.");
        RequireHttp();
        RequirePorts();
        if (Bridge && Tap is null)
            throw new LanException("TapMissing", ErrorCategory.InvalidArgument, "-Bridge is for the tap of the server, which has none.", "Add -Tap, or leave -Bridge out; -PeerBridge lets peers be bridges.");
        if (Session.Servers.Find(Name) is not null) throw Failures.NameInUse("Server", Name);
        ReadAdmission();
        if (!ShouldProcess(Name, "Start the server")) return;
        foreach (var warning in OpenAddresses.Warnings(_options, "-CertificatePath", "-HtpasswdPath")) WriteWarning(Failures.Sentence(warning));
        _options = _options with
        {
            UwsgiAddresses = Absolute(_options.UwsgiAddresses),
            HttpAddresses = Absolute(_options.HttpAddresses),
            ControlAddresses = Absolute(_options.ControlAddresses),
        };
        var server = Start();
        if (!Session.TryAdd(server))
        {
            Wait(_ => server.CloseAsync());
            throw Failures.NameInUse("Server", Name);
        }

        WriteObject(server);
    }

    private LanServer Start()
    {
        var tap = Tap?.Find(Session);
        var wanted = Tap is null || tap is not null ? null : new TapOptions { Name = Tap.Name };
        LanServer? server = null;
        var options = _options with
        {
            ExistingTap = tap?.Take(Name!),
            Tap = wanted,
            Ready = async (_, _) =>
            {
                if (wanted is not null) server!.Tap = new LanTap(wanted, () => server.EngineTap, Name!);
                if (Exec is not null) await ExecuteAsync(Exec, () => server!.Tap).ConfigureAwait(false);
            },
        };
        server = new LanServer(Name!, options, _files) { Tap = tap };
        server.EngineRaised += e => Tell(e.Level, e.ToString());
        StartOrUndo(server.StartAsync, server.CloseAsync);
        return server;
    }

    private IReadOnlyList<ListenAddress> Absolute(IReadOnlyList<ListenAddress> addresses) =>
        [.. addresses.Select(address => address.Path is { } path ? ListenAddress.Parse(FilePath(path)) : address)];
}
