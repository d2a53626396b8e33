using VpnWs.Ethernet;
using VpnWs.Switching;
using VpnWs.Taps;
using VpnWs.Transport;

namespace VpnWs.Client;

/// <summary>Joins a tap of this machine to a LAN behind a WebSocket, and keeps it joined.</summary>
public sealed class VpnWsClient : IAsyncDisposable
{
    private static readonly TimeSpan StableLink = TimeSpan.FromSeconds(5);

    /// <summary>How long after a change of the network a new attempt is made.</summary>
    private static readonly TimeSpan ShortPause = TimeSpan.FromMilliseconds(500);

    /// <summary>When, after a change of the network, the link is looked at: routes come later than addresses.</summary>
    private static readonly TimeSpan[] LooksAfterChange = [TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(400), TimeSpan.FromSeconds(1.5)];

    private readonly VpnWsClientOptions _options;
    private readonly EventPump<ClientEvent> _events;
    private readonly CancellationTokenSource _stopping = new();
    private readonly PortCounters _counters = new();
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private NetworkWatch? _network;
    private IDisposable? _metered;
    private ClientConnector? _connector;
    private TapHolder? _tap;
    private TapPump? _pump;
    private Task _running = Task.CompletedTask;
    private int _state;

    /// <summary>Makes a client that does nothing yet.</summary>
    /// <exception cref="ArgumentException">The address is no ws:// or wss:// one, or there is not exactly one of the two kinds of tap.</exception>
    public VpnWsClient(VpnWsClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Tap is null == options.ExistingTap is null) throw new ArgumentException("Give either a tap to make or an existing one.", nameof(options));
        if (!options.Uri.IsAbsoluteUri || options.Uri.Scheme is not ("ws" or "wss")) throw new ArgumentException("The address must start with ws:// or wss://.", nameof(options));
        _options = options;
        _events = new EventPump<ClientEvent>(this, () => EventRaised, static count => new ClientEventsLost(count));
    }

    /// <summary>Raised, in order and on a thread of its own, for everything that happens.</summary>
    public event EventHandler<ClientEvent>? EventRaised;

    /// <summary>What the client was told.</summary>
    public VpnWsClientOptions Options => _options;

    /// <summary>The tap; null before the start.</summary>
    public ITap? Tap => _tap?.Current;

    /// <summary>Whether the link is up.</summary>
    public bool IsConnected { get; private set; }

    /// <summary>Whether the server let this client be a bridge when the last link was made; a server that does not tell is taken to have.</summary>
    public bool IsBridge { get; private set; }

    /// <summary>How many times a link was made.</summary>
    public long LinksMade { get; private set; }

    /// <summary>Frames and bytes as the tap sees them: received is what the tap gave us to send out, sent is what was written to the tap.</summary>
    internal PortCounters Counters => _counters;

    /// <summary>Ends when the client has ended: after <see cref="StopAsync"/>, or, with <see cref="VpnWsClientOptions.Reconnect"/> off, when there is no link (any more); then it faults with the <see cref="VpnWsException"/> that says why.</summary>
    public Task Completion => _completion.Task;

    /// <summary>What the client has done so far, over all its links. The same numbers, summed over the process, are in the meter <c>VpnWs</c>.</summary>
    public EngineStatistics GetStatistics() => EngineStatistics.Of(_counters.Snapshot()).Mirrored() with
    {
        Peers = IsConnected ? 1 : 0,
        QueuedBytes = _pump?.Link?.QueuedBytes ?? 0,
    };

    /// <summary>Makes the tap, runs <see cref="VpnWsClientOptions.TapReady"/>, and starts to connect in the background.</summary>
    /// <exception cref="TapException">The tap cannot be made, or the network not be watched.</exception>
    /// <exception cref="ObjectDisposedException">The client was stopped meanwhile.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        if (Interlocked.CompareExchange(ref _state, 1, 0) != 0) throw new InvalidOperationException("A client is started once.");
        _metered = EngineMeter.Add("client", GetStatistics);
        try
        {
            _tap = TapHolder.Open(_options.ExistingTap, _options.Tap, _options.Offload)!;
            _pump = new TapPump(_tap, _counters, _events.Post);
            if (_options.TapReady is { } ready) await ready(_tap.Current, cancellationToken).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _state) != 1, this);
            _connector = new ClientConnector(_options);
            _network = new NetworkWatch();
        }
        catch
        {
            await StopAsync().ConfigureAwait(false);
            throw;
        }

        _pump.Start();
        _running = Task.Run(RunAsync, CancellationToken.None);
    }

    /// <summary>Closes the link with 1000 and lets the tap go. Safe to call again; every call ends when all is done.</summary>
    public async Task StopAsync()
    {
        if (Interlocked.Exchange(ref _state, 2) == 2)
        {
            await _stopped.Task.ConfigureAwait(false);
            return;
        }

        try
        {
            await _stopping.CancelAsync().ConfigureAwait(false);
            await _running.ConfigureAwait(false);
            _network?.Dispose();
            _pump?.Dispose();
            _tap?.Dispose();
            _metered?.Dispose();
            await _events.DisposeAsync().ConfigureAwait(false);
            _stopping.Dispose();
        }
        finally
        {
            _completion.TrySetResult();
            _stopped.SetResult();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync().ConfigureAwait(false);

    private async Task RunAsync()
    {
        var delay = new ReconnectDelay(_options.MaxReconnectDelay);
        delay.Next(0);
        try
        {
            while (!_stopping.IsCancellationRequested)
            {
                var end = await LinkOnceAsync(delay).ConfigureAwait(false);
                if (end is not null && !_options.Reconnect) throw end;
                await PauseAsync(delay, end).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Asked to stop.
        }
        catch (VpnWsException e)
        {
            _completion.TrySetException(e);
        }
        catch (Exception e)
        {
            // Trying again would not help: a header that cannot be sent, for one.
            _completion.TrySetException(new VpnWsException(VpnWsFailure.Other, $"the client cannot go on: {e.Message}", e));
        }
    }

    /// <summary>Makes a link and serves it to its end.</summary>
    /// <returns>Why it ended or was not made; null when we were asked to stop.</returns>
    private async Task<VpnWsException?> LinkOnceAsync(ReconnectDelay delay)
    {
        var tap = _tap!.Current;
        _events.Post(new Connecting(_connector!.Display));
        ClientConnection connection;
        MacAddress declared;
        try
        {
            declared = tap.Address;
            connection = await _connector.ConnectAsync(declared, _options.Offload, _stopping.Token).ConfigureAwait(false);
        }
        catch (VpnWsException e)
        {
            return e;
        }
        catch (TapException e)
        {
            return new VpnWsException(VpnWsFailure.Tap, e.Message, e);
        }

        using (connection)
        {
            var since = Environment.TickCount64;
            using var link = new ClientLink(connection, _tap, declared, _options, _counters);
            _pump!.Link = link;
            Announce(connection);
            using var over = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            var watching = WatchNetworkAsync(connection, link, over.Token);
            var reason = await link.RunAsync(_stopping.Token).ConfigureAwait(false);
            await over.CancelAsync().ConfigureAwait(false);
            await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _pump.Link = null;
            IsConnected = false;
            if (_stopping.IsCancellationRequested) return null;
            if (Environment.TickCount64 - since >= (long)StableLink.TotalMilliseconds) delay.Reset();
            _events.Post(new Disconnected(reason));
            return new VpnWsException(VpnWsFailure.Closed, reason);
        }
    }

    /// <summary>Ends a link whose packets go another way than it was made by, which only a timeout would tell else.</summary>
    private async Task WatchNetworkAsync(ClientConnection connection, ClientLink link, CancellationToken cancellationToken)
    {
        while (true)
        {
            await _network!.NextChange.WaitAsync(cancellationToken).ConfigureAwait(false);
            foreach (var look in LooksAfterChange)
            {
                await Task.Delay(look, cancellationToken).ConfigureAwait(false);
                if (connection.HasMoved(_connector!.Route)) link.End("the network has changed: the server is reached from another address now");
            }
        }
    }

    private void Announce(ClientConnection connection)
    {
        IsBridge = _options.Bridge && connection.BridgeAnswer != "off";
        IsConnected = true;
        LinksMade++;
        _events.Post(new Connected(_connector!.Display, connection.HasOffload));
        if (_options.Bridge && !IsBridge) _events.Post(new BridgeRefused());
    }

    private async Task PauseAsync(ReconnectDelay delay, VpnWsException? failure)
    {
        var pause = delay.Next(Random.Shared.NextDouble());
        if (failure is { Failure: not VpnWsFailure.Closed }) _events.Post(new ConnectFailed(failure.Failure, failure.Message, failure.StatusCode, pause));
        var change = _network!.NextChange;
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        await Task.WhenAny(Task.Delay(pause, enough.Token), change).ConfigureAwait(false);
        if (change.IsCompleted && pause > ShortPause)
            await Task.Delay(ShortPause, enough.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await enough.CancelAsync().ConfigureAwait(false);
    }
}
