using System.Net;
using System.Net.Sockets;
using VpnWs.Hosting;
using VpnWs.Server;
using VpnWs.Switching.Guards;

namespace VpnWs.PowerShell;

/// <summary>Whether a server serves.</summary>
public enum ServerState
{
    /// <summary>It is being started.</summary>
    Starting,

    /// <summary>It serves.</summary>
    Running,

    /// <summary>It was stopped.</summary>
    Stopped,
}

/// <summary>A switch that runs in this session.</summary>
public sealed class LanServer : INamed, IPeerSource, IAsyncDisposable
{
    private readonly VpnWsServer _server;
    private readonly Handlers _handlers = new();
    private readonly Ending _ending = new();
    private readonly AdmissionFiles _files;
    private readonly CancellationTokenSource _stopping = new();

    internal LanServer(string name, VpnWsServerOptions options, AdmissionFiles files)
    {
        Name = name;
        _files = files;
        _server = new VpnWsServer(options);
        _server.EventRaised += OnEvent;
        files.Follow(_server);
    }

    /// <summary>A peer joined. Use it with Register-ObjectEvent.</summary>
    public event EventHandler<LanEventArgs>? PeerJoined;

    /// <summary>A peer left. Use it with Register-ObjectEvent.</summary>
    public event EventHandler<LanEventArgs>? PeerLeft;

    /// <summary>A connection was refused. Use it with Register-ObjectEvent.</summary>
    public event EventHandler<LanEventArgs>? PeerRefused;

    /// <summary>A peer used an address that another one holds. Use it with Register-ObjectEvent.</summary>
    public event EventHandler<LanEventArgs>? MacConflict;

    /// <summary>Frames of a peer did not pass a guard or a limit, its address was frozen, or it was blocked. Use it with Register-ObjectEvent.</summary>
    public event EventHandler<LanEventArgs>? GuardHit;

    /// <summary>The server stopped, its tap or a listener failed or came back, or files of rules, passwords or certificates were read again or could not be. Use it with Register-ObjectEvent.</summary>
    public event EventHandler<LanEventArgs>? StateChanged;

    /// <summary>Every event of the six kinds, in order.</summary>
    internal event Action<LanEventArgs>? Raised;

    /// <summary>It was stopped, whoever did it.</summary>
    internal event Action<LanServer>? Closed;

    /// <summary>Every event of the engine.</summary>
    internal event Action<ServerEvent>? EngineRaised;

    /// <summary>The name of the server in this session.</summary>
    public string Name { get; }

    /// <summary>Whether it serves.</summary>
    public ServerState State { get; private set; }

    /// <summary>Where web servers reach it over the uwsgi protocol.</summary>
    public IReadOnlyList<string> Address { get; private set; } = [];

    /// <summary>Where clients reach it directly.</summary>
    public IReadOnlyList<string> Http { get; private set; } = [];

    /// <summary>Where its control interface is reached over HTTP.</summary>
    public IReadOnlyList<string> Control { get; private set; } = [];

    /// <summary>What a client of this machine can give to Connect-VpnWs -Uri; null without an HTTP listener.</summary>
    public Uri? Uri { get; private set; }

    /// <summary>The server's own tap, or null.</summary>
    public LanTap? Tap { get; internal set; }

    /// <summary>How many peers are connected.</summary>
    public int PeerCount => _server.PeerCount;

    /// <summary>When it was started.</summary>
    public DateTime StartedAt { get; private set; }

    /// <summary>Whether peers are kept apart from each other.</summary>
    public bool IsIsolated => _server.Options.Isolate;

    /// <summary>What a handler of one of the events threw last, or null. A script block given to add_PeerJoined and the like always fails, as it has no runspace there: use Register-ObjectEvent.</summary>
    public Exception? LastHandlerError => _handlers.LastFault;

    /// <summary>Whether it was stopped or is being stopped.</summary>
    internal bool IsEnding => _ending.HasBegun;

    /// <summary>The engine's tap of the moment.</summary>
    internal Taps.ITap? EngineTap => _server.Tap;

    /// <summary>The name, so that a server can stand where a name is wanted.</summary>
    public override string ToString() => Name;

    /// <summary>Stops it, as Stop-VpnWsServer does.</summary>
    public async ValueTask DisposeAsync() => await CloseAsync().ConfigureAwait(false);

    Task<IReadOnlyList<PeerInfo>> IPeerSource.GetPeersAsync(CancellationToken cancellationToken) => Task.FromResult(_server.GetPeers());

    Task<bool> IPeerSource.KillAsync(long id, CancellationToken cancellationToken) => Task.FromResult(_server.Kill(id));

    Task<bool> IPeerSource.ChangeLimitsAsync(long id, PortLimits change, CancellationToken cancellationToken) => Task.FromResult(_server.ChangeLimits(id, change));

    /// <summary>All ports of the switch at this moment.</summary>
    internal IReadOnlyList<PeerInfo> GetPeers() => _server.GetPeers();

    /// <summary>Starts it; what fails is undone.</summary>
    internal async Task StartAsync(CancellationToken cancellationToken)
    {
        await _server.StartAsync(cancellationToken).ConfigureAwait(false);
        StartedAt = DateTime.Now;
        (Address, Http, Control) = (Texts(_server.UwsgiEndPoints), Texts(_server.HttpEndPoints), Texts(_server.ControlEndPoints));
        Uri = _server.HttpEndPoints.OfType<IPEndPoint>().Select(UriOf).FirstOrDefault();
        State = ServerState.Running;
        if (_files.All is { Count: > 0 } files) _ = new FileWatch(files, OnReload).RunAsync(_stopping.Token);
    }

    /// <summary>Stops it and lets its tap go; every call ends when that is done. No handler can keep it from that.</summary>
    internal Task CloseAsync() => _ending.RunAsync(EndAsync, () => Raise(new LanEventArgs(this, $"server {Name} stopped")));

    private async Task EndAsync()
    {
        _handlers.Raise(Closed, this);
        // Not waited for: it may be a handler of the watch that ends the server.
        await _stopping.CancelAsync().ConfigureAwait(false);
        try
        {
            await _server.StopAsync().ConfigureAwait(false);
        }
        finally
        {
            State = ServerState.Stopped;
            Tap?.Return();
        }
    }

    private static string[] Texts(IEnumerable<EndPoint> endPoints) => [.. endPoints.Select(static endPoint => endPoint.ToString() ?? "")];

    private Uri UriOf(IPEndPoint endPoint)
    {
        var any = endPoint.Address.Equals(IPAddress.Any) || endPoint.Address.Equals(IPAddress.IPv6Any);
        var host = !any ? endPoint.Address : endPoint.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Loopback : IPAddress.Loopback;
        return new Uri($"{(_server.Options.HttpTls is null ? "ws" : "wss")}://{new IPEndPoint(host, endPoint.Port)}{_server.Options.HttpPath ?? "/"}");
    }

    private void OnEvent(object? sender, ServerEvent e)
    {
        _handlers.Raise(EngineRaised, e);
        if (LanEventArgs.Of(this, e) is { } told) Raise(told);
    }

    private void OnReload(ReloadOutcome outcome)
    {
        if (!IsEnding) Raise(new LanEventArgs(this, outcome));
    }

    private void Raise(LanEventArgs e)
    {
        _handlers.Raise(Raised, e);
        var handlers = e.Kind switch
        {
            LanEventKind.PeerJoined => PeerJoined,
            LanEventKind.PeerLeft => PeerLeft,
            LanEventKind.PeerRefused => PeerRefused,
            LanEventKind.MacConflict => MacConflict,
            LanEventKind.GuardHit => GuardHit,
            _ => StateChanged,
        };
        _handlers.Raise(handlers, this, e);
    }
}
