using System.Net;
using VpnWs.Http;
using VpnWs.Switching;
using VpnWs.Switching.Guards;
using VpnWs.Taps;
using VpnWs.Transport;
using VpnWs.WebSockets;

namespace VpnWs.Server;

/// <summary>A layer-2 switch whose ports are WebSocket peers and, where asked, a tap of this machine.</summary>
public sealed class VpnWsServer : IAsyncDisposable
{
    private static readonly TimeSpan TickPeriod = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(1);

    private const UnixFileMode ControlSocketMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly VpnWsServerOptions _options;
    private readonly List<Door> _listeners = [];
    private readonly EventPump<ServerEvent> _events;
    private readonly EventLoops _loops = new(EventLoops.DefaultCount);
    private readonly VirtualSwitch _fabric;
    private readonly PeerTable _peers;
    private readonly RuleBook _rules;
    private readonly RefusalReporter _refusals;
    private readonly GuardReporter _guards;
    private readonly ClientLimits _limits;
    private readonly LimitReporter _limitReporter;
    private readonly HandshakeService _handshakes;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IDisposable? _metered;
    private TapPort? _tapPort;
    private Task _ticking = Task.CompletedTask;
    private TapHolder? _tapHolder;
    private long _lastId;
    private int _state;

    /// <summary>Makes a server that does nothing yet.</summary>
    /// <param name="options">What it shall do.</param>
    public VpnWsServer(VpnWsServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _events = new EventPump<ServerEvent>(this, () => EventRaised, static count => new EventsLost(count));
        _fabric = new VirtualSwitch(SwitchOptionsOf(options), new SwitchReporter(_events.Post));
        _rules = new RuleBook(options);
        _peers = new PeerTable(options, _fabric, _rules, NextId, _events.Post);
        _guards = new GuardReporter(_peers.Describe, _events.Post);
        _refusals = new RefusalReporter(_events.Post);
        _limits = new ClientLimits(options);
        _limitReporter = new LimitReporter(options, _peers.Budget, _fabric.MostAddressesOf, _events.Post);
        _handshakes = new HandshakeService(options, _loops, _peers, _rules, new ServerControl(this), _refusals, _limits, _stopping.Token);
    }

    /// <summary>Raised, in order and on a thread of its own, for everything that happens.</summary>
    public event EventHandler<ServerEvent>? EventRaised;

    /// <summary>What the server was told.</summary>
    public VpnWsServerOptions Options => _options;

    /// <summary>The server's own tap, or null.</summary>
    public ITap? Tap => _tapPort?.Tap;

    /// <summary>Where web servers reach it over the uwsgi protocol, with real ports.</summary>
    public IReadOnlyList<EndPoint> UwsgiEndPoints => EndPoints(HandshakeSource.Uwsgi);

    /// <summary>Where WebSocket clients reach it directly, with real ports.</summary>
    public IReadOnlyList<EndPoint> HttpEndPoints => EndPoints(HandshakeSource.Http);

    /// <summary>Where the control interface is served over HTTP, with real ports.</summary>
    public IReadOnlyList<EndPoint> ControlEndPoints => EndPoints(HandshakeSource.Control);

    /// <summary>How many peers are connected.</summary>
    public int PeerCount => _peers.Count;

    /// <summary>Binds, makes the tap, runs <see cref="VpnWsServerOptions.Ready"/>, and serves from then on. What fails is undone.</summary>
    /// <exception cref="VpnWsException">An address cannot be listened on, or one of the control interface is not this machine's alone.</exception>
    /// <exception cref="TapException">The tap cannot be made.</exception>
    /// <exception cref="ObjectDisposedException">The server was stopped meanwhile.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        if (Interlocked.CompareExchange(ref _state, 1, 0) != 0) throw new InvalidOperationException("A server is started once.");
        _metered = EngineMeter.Add("server", GetStatistics);
        try
        {
            Bind();
            OpenTap();
            if (_options.Ready is { } ready) await ready(Tap, cancellationToken).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _state) != 1, this);
            _tapPort?.Start();
        }
        catch
        {
            await StopAsync().ConfigureAwait(false);
            throw;
        }

        _ticking = TickAsync();
        foreach (var (listener, source) in _listeners)
        {
            _events.Post(new Listening(EndPointText(listener.LocalEndPoint), Protocol(source)));
            _ = listener.RunAsync(socket => _handshakes.Accept(socket, source), reason => _events.Post(new ListenerFault(reason)));
        }
    }

    /// <summary>Stops listening, closes every peer with 1001, and lets the socket files and the tap go. Safe to call again; every call ends when all is done.</summary>
    public async Task StopAsync()
    {
        if (Interlocked.Exchange(ref _state, 2) == 2)
        {
            await _stopped.Task.ConfigureAwait(false);
            return;
        }

        try
        {
            await StopOnceAsync().ConfigureAwait(false);
        }
        finally
        {
            _stopped.SetResult();
        }
    }

    /// <summary>Every port of the switch: the tap first, where there is one, then the peers by id.</summary>
    public IReadOnlyList<PeerInfo> GetPeers()
    {
        var peers = _peers.All.OrderBy(static peer => peer.Id).Select(_peers.Describe);
        return _tapPort is { } tap ? [PeerDescription.Of(tap, _fabric) with { IsTap = true, Transport = "tap" }, .. peers] : [.. peers];
    }

    /// <summary>What the server has done so far, peers that have left included. The same numbers, summed over the process, are in the meter <c>VpnWs</c>.</summary>
    public EngineStatistics GetStatistics() => EngineStatistics.Of(_fabric.Totals().Counters) with
    {
        Peers = PeerCount,
        QueuedBytes = _peers.All.Sum(static peer => (long)peer.Outbox.Length),
    };

    /// <summary>Ends a peer's connection with close code 1008.</summary>
    /// <param name="id">The peer's id; the tap's is none.</param>
    /// <returns>False where there is no such peer.</returns>
    public bool Kill(long id)
    {
        if (_peers.Find(id) is not { } peer) return false;
        _events.Post(new PeerKicked(_peers.Describe(peer)));
        peer.Close(CloseCode.PolicyViolation, "removed by an administrator");
        return true;
    }

    /// <summary>The rules in force; null where there are none.</summary>
    public PeerRules? Rules => _rules.Rules;

    /// <summary>Puts other rules in force, for connected peers too: who is denied now is closed with 1008. What <see cref="ChangeLimits"/> did to a peer stays, unless the new rules say something else of it than the old ones.</summary>
    /// <param name="rules">The rules.</param>
    public void ChangeRules(PeerRules rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        _peers.ChangeRules(rules);
    }

    /// <summary>Changes what a connected peer may do, until it leaves or other rules say otherwise.</summary>
    /// <param name="id">The peer's id; the tap's is none.</param>
    /// <param name="change">What is to change; what is null stays.</param>
    /// <returns>False where there is no such peer.</returns>
    /// <exception cref="FormatException">The limits cannot be.</exception>
    public bool ChangeLimits(long id, PortLimits change)
    {
        ArgumentNullException.ThrowIfNull(change);
        if (change.Fault() is { } fault) throw new FormatException(fault);
        if (_peers.Find(id) is not { } peer) return false;
        _peers.ChangeLimits(peer, change);
        return true;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync().ConfigureAwait(false);

    private static SwitchOptions SwitchOptionsOf(VpnWsServerOptions options) => new()
    {
        Broadcast = options.Broadcast,
        Multicast = options.Multicast,
        ForwardReserved = options.ForwardReserved,
        Isolate = options.Isolate,
        AgeingMilliseconds = (long)options.AgeingTime.TotalMilliseconds,
        MaxAddressesPerBridge = options.MaxAddressesPerBridge,
        MaxAddresses = options.MaxAddresses,
    };

    private static string EndPointText(EndPoint endPoint) => endPoint.ToString() ?? "";

    private string Protocol(HandshakeSource source) => source switch
    {
        HandshakeSource.Uwsgi => "uwsgi",
        HandshakeSource.Control => "control",
        _ => _options.HttpTls is null ? "http" : "https",
    };

    private long NextId() => Interlocked.Increment(ref _lastId);

    private EndPoint[] EndPoints(HandshakeSource wanted) =>
        [.. _listeners.Where(door => door.Source == wanted).Select(static door => door.Listener.LocalEndPoint)];

    private void Bind()
    {
        foreach (var address in _options.UwsgiAddresses) _listeners.Add(new Door(Listener.Open(address, _options.SocketMode), HandshakeSource.Uwsgi));
        foreach (var address in _options.HttpAddresses) _listeners.Add(new Door(Listener.Open(address, _options.SocketMode), HandshakeSource.Http));
        if (_options.ControlAddresses.FirstOrDefault(address => !address.IsLocal) is { } open)
            throw new VpnWsException(VpnWsFailure.Address, $"the control interface may not be served on {open}: choose a Unix socket or a loopback address");
        foreach (var address in _options.ControlAddresses) _listeners.Add(new Door(Listener.Open(address, ControlSocketMode), HandshakeSource.Control));
    }

    private void OpenTap()
    {
        _tapHolder = TapHolder.Open(_options.ExistingTap, _options.Tap, _options.Offload);
        if (_tapHolder is not null) _tapPort = new TapPort(NextId(), _tapHolder, _options.Bridge, _fabric, _events.Post);
    }

    private async Task StopOnceAsync()
    {
        foreach (var (listener, _) in _listeners) listener.Dispose();
        _peers.CloseAll(CloseCode.GoingAway, "the server is stopping");
        await WaitForPeersAsync(StopTimeout).ConfigureAwait(false);
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _ticking.ConfigureAwait(false);
        foreach (var peer in _peers.All) peer.End("the server is stopping");
        await WaitForPeersAsync(EndTimeout).ConfigureAwait(false);
        _loops.Dispose();
        _tapPort?.Dispose();
        _tapHolder?.Dispose();
        _metered?.Dispose();
        await _events.DisposeAsync().ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task WaitForPeersAsync(TimeSpan atMost)
    {
        var deadline = Environment.TickCount64 + (long)atMost.TotalMilliseconds;
        while (_peers.Count > 0 && Environment.TickCount64 < deadline) await Task.Delay(10).ConfigureAwait(false);
    }

    /// <summary>Ages addresses, settles claims, pings the silent and ends the dead.</summary>
    private async Task TickAsync()
    {
        var pingInterval = (long)_options.PingInterval.TotalMilliseconds;
        var pingTimeout = (long)_options.PingTimeout.TotalMilliseconds;
        using var timer = new PeriodicTimer(TickPeriod);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token).ConfigureAwait(false))
            {
                var now = Environment.TickCount64;
                _fabric.Tick(now);
                _refusals.Tick(now);
                _limits.Tick(now);
                _limitReporter.Tick(now, _peers.All);
                _guards.Tick(_peers.All, now);
                foreach (var peer in _peers.All) peer.Watch(now, pingInterval, pingTimeout);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    /// <summary>A listener, and what those who come through it speak.</summary>
    private sealed record Door(Listener Listener, HandshakeSource Source);

    private sealed class ServerControl(VpnWsServer server) : IControlTarget
    {
        public IReadOnlyList<PeerInfo> GetPeers() => server.GetPeers();

        public bool Kill(long id) => server.Kill(id);

        public bool ChangeLimits(long id, PortLimits change) => server.ChangeLimits(id, change);
    }
}
