using VpnWs.Client;
using VpnWs.Transport;

namespace VpnWs.PowerShell;

/// <summary>Whether a connection's link is up.</summary>
public enum ConnectionState
{
    /// <summary>The first link is being made.</summary>
    Connecting,

    /// <summary>The link is up.</summary>
    Connected,

    /// <summary>The link was lost and is being made again.</summary>
    Reconnecting,

    /// <summary>It has ended.</summary>
    Closed,
}

/// <summary>The arguments of a connection's StateChanged event.</summary>
/// <param name="state">What the state is now.</param>
/// <param name="reason">Why, in words; empty where nothing needs a reason.</param>
public sealed class ConnectionStateEventArgs(ConnectionState state, string reason) : EventArgs
{
    /// <summary>What the state is now.</summary>
    public ConnectionState State => state;

    /// <summary>Why, in words; empty where nothing needs a reason.</summary>
    public string Reason => reason;

    /// <summary>When it changed.</summary>
    public DateTime Time { get; } = DateTime.Now;
}

/// <summary>A tap of this session that is joined to a LAN.</summary>
public sealed class LanConnection : INamed, IAsyncDisposable
{
    private readonly VpnWsClient _client;
    private readonly Handlers _handlers = new();
    private readonly Ending _ending = new();
    private readonly TaskCompletionSource _firstLink = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();

    internal LanConnection(string name, VpnWsClientOptions options)
    {
        Name = name;
        Uri = new Uri(options.Uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped));
        _client = new VpnWsClient(options);
        _client.EventRaised += OnEvent;
    }

    /// <summary>The state changed, or the tap was lost or came back. Use it with Register-ObjectEvent.</summary>
    public event EventHandler<ConnectionStateEventArgs>? StateChanged;

    /// <summary>It was ended, whoever did it.</summary>
    internal event Action<LanConnection>? Closed;

    /// <summary>Every event of the engine.</summary>
    internal event Action<ClientEvent>? EngineRaised;

    /// <summary>The name of the connection in this session.</summary>
    public string Name { get; }

    /// <summary>Where it leads, without credentials and query.</summary>
    public Uri Uri { get; }

    /// <summary>Whether the link is up.</summary>
    public ConnectionState State { get; private set; }

    /// <summary>The tap that is joined.</summary>
    public LanTap Tap { get; internal set; } = null!;

    /// <summary>Since when the link is up; null while it is not.</summary>
    public DateTime? ConnectedAt { get; private set; }

    /// <summary>How often the link was made again.</summary>
    public long ReconnectCount => Math.Max(0, _client.LinksMade - 1);

    /// <summary>Why the link or the tap was lost, or the link could not be made, the last time; empty where that never was.</summary>
    public string LastError { get; private set; } = "";

    /// <summary>What a handler of StateChanged threw last, or null. A script block given to add_StateChanged always fails, as it has no runspace there: use Register-ObjectEvent.</summary>
    public Exception? LastHandlerError => _handlers.LastFault;

    /// <summary>Whether super-frames travel whole.</summary>
    public bool HasOffload { get; private set; }

    /// <summary>Whether this end is a bridge: asked for, and not refused by the server.</summary>
    public bool IsBridge => _client.IsBridge;

    /// <summary>Bytes sent to the server.</summary>
    public long BytesSent => Statistics.BytesSent;

    /// <summary>Bytes received from the server.</summary>
    public long BytesReceived => Statistics.BytesReceived;

    /// <summary>Frames sent to the server.</summary>
    public long FramesSent => Statistics.FramesSent;

    /// <summary>Frames received from the server.</summary>
    public long FramesReceived => Statistics.FramesReceived;

    /// <summary>Frames either way that were dropped.</summary>
    public long FramesDropped => Statistics.Drops.Values.Sum();

    /// <summary>The engine's tap of the moment.</summary>
    internal Taps.ITap? EngineTap => _client.Tap;

    private EngineStatistics Statistics => _client.GetStatistics();

    /// <summary>The name, so that a connection can stand where a name is wanted.</summary>
    public override string ToString() => Name;

    /// <summary>Ends it, as Disconnect-VpnWs does.</summary>
    public async ValueTask DisposeAsync() => await CloseAsync().ConfigureAwait(false);

    /// <summary>Makes the tap and the first link; faults when that link cannot be made.</summary>
    internal async Task StartAsync(CancellationToken cancellationToken)
    {
        await _client.StartAsync(cancellationToken).ConfigureAwait(false);
        _ = WatchEndAsync();
        await _firstLink.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends it and lets its tap go; every call ends when that is done. No handler can keep it from that.</summary>
    internal Task CloseAsync()
    {
        var isNews = false;
        return _ending.RunAsync(
            async () =>
            {
                _handlers.Raise(Closed, this);
                try
                {
                    await _client.StopAsync().ConfigureAwait(false);
                }
                finally
                {
                    isNews = Enter(ConnectionState.Closed);
                    Tap?.Return();
                }
            },
            () =>
            {
                if (isNews) Tell(ConnectionState.Closed, "");
            });
    }

    /// <summary>Without reconnection the client ends by itself.</summary>
    private async Task WatchEndAsync()
    {
        try
        {
            await _client.Completion.ConfigureAwait(false);
        }
        catch (VpnWsException e)
        {
            LastError = e.Message;
            _firstLink.TrySetException(e);
            Change(ConnectionState.Closed, e.Message);
        }
    }

    private void OnEvent(object? sender, ClientEvent e)
    {
        _handlers.Raise(EngineRaised, e);
        switch (e)
        {
            case Connected connected:
                HasOffload = connected.HasOffload;
                Change(ConnectionState.Connected, "");
                _firstLink.TrySetResult();
                break;
            case Disconnected disconnected:
                LastError = disconnected.Reason;
                Change(_client.Options.Reconnect ? ConnectionState.Reconnecting : ConnectionState.Closed, disconnected.Reason);
                break;
            case ConnectFailed failed:
                LastError = failed.Reason;
                _firstLink.TrySetException(new VpnWsException(failed.Failure, failed.Reason) { StatusCode = failed.StatusCode });
                break;
            case ClientTapLost or ClientTapReopenFailed:
                LastError = e.ToString();
                Tell(State, LastError);
                break;
            case ClientTapRestored:
                Tell(State, e.ToString());
                break;
        }
    }

    private void Change(ConnectionState state, string reason)
    {
        if (Enter(state)) Tell(state, reason);
    }

    /// <summary>Whether the state is another one now.</summary>
    private bool Enter(ConnectionState state)
    {
        lock (_gate)
        {
            if (State == state || State == ConnectionState.Closed) return false;
            State = state;
            ConnectedAt = state == ConnectionState.Connected ? DateTime.Now : null;
            return true;
        }
    }

    /// <summary>Tells of the state, or of what happened to the tap in it.</summary>
    private void Tell(ConnectionState state, string reason) => _handlers.Raise(StateChanged, this, new ConnectionStateEventArgs(state, reason));
}
