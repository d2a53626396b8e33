using VpnWs.Ethernet;
using VpnWs.Switching;
using VpnWs.Taps;
using VpnWs.Transport;
using VpnWs.WebSockets;

namespace VpnWs.Client;

/// <summary>One link from its handshake to its end: the receiving thread, the sender that the tap's thread uses, and the watch over both.</summary>
internal sealed class ClientLink : IDisposable
{
    private const long MaxAnswerTime = 5000;
    private static readonly TimeSpan WatchPeriod = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(1);

    private readonly ClientConnection _connection;
    private readonly VpnWsClientOptions _options;
    private readonly LinkSender _sender;
    private readonly LinkReceiver _receiver;
    private readonly TaskCompletionSource<string> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TapHolder _tap;
    private readonly MacAddress _declared;
    private long _pingedAt;

    public ClientLink(ClientConnection connection, TapHolder tap, MacAddress declared, VpnWsClientOptions options, PortCounters counters)
    {
        _connection = connection;
        _options = options;
        _tap = tap;
        _declared = declared;
        _sender = new LinkSender(connection, counters, e => Fail($"connection lost: {e.Message}"));
        _receiver = new LinkReceiver(connection, new TapWriter(tap, counters), _sender, counters);
    }

    /// <summary>How many bytes wait to be sent.</summary>
    public int QueuedBytes => _sender.QueuedBytes;

    /// <summary>Serves the link.</summary>
    /// <param name="stop">Ends it with a close handshake.</param>
    /// <returns>Why it ended, in words.</returns>
    public async Task<string> RunAsync(CancellationToken stop)
    {
        var thread = new Thread(Receive) { IsBackground = true, Name = "vpn-ws down" };
        thread.Start();
        // An answer to this one tells that the server answers pings at all; the C server does not.
        Ping(Environment.TickCount64);
        await WatchAsync(stop).ConfigureAwait(false);
        if (stop.IsCancellationRequested) await CloseAsync().ConfigureAwait(false);
        _connection.Abort();
        var reason = await _ended.Task.ConfigureAwait(false);
        thread.Join();
        return reason;
    }

    /// <summary>Gives the link up.</summary>
    /// <param name="reason">Why, in words.</param>
    public void End(string reason) => Fail(reason);

    /// <summary>Lets go of the connection, once <see cref="RunAsync"/> has ended; when this returns no thread uses it any more.</summary>
    public void Dispose()
    {
        _sender.Dispose();
        _receiver.Dispose();
    }

    /// <summary>Sends what the tap has.</summary>
    /// <returns>What the tap said last; <see cref="TapStatus.WouldBlock"/> also when the link is gone.</returns>
    public TapStatus Pump(ITap tap)
    {
        try
        {
            return _sender.Pump(tap);
        }
        catch (Exception e) when (IsLost(e))
        {
            Fail($"connection lost: {e.Message}");
            return TapStatus.WouldBlock;
        }
    }

    /// <summary>What a read or a write throws when the connection has gone, or is being disposed under it.</summary>
    private static bool IsLost(Exception e) => e is IOException or ObjectDisposedException or InvalidOperationException;

    private void Receive()
    {
        try
        {
            Fail(_receiver.Run());
        }
        catch (Exception e) when (IsLost(e))
        {
            Fail($"connection lost: {e.Message}");
        }
    }

    private void Fail(string reason)
    {
        _ended.TrySetResult(reason);
        _connection.Abort();
    }

    private async Task WatchAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(WatchPeriod);
        try
        {
            while (!_ended.Task.IsCompleted)
            {
                await Task.WhenAny(_ended.Task, timer.WaitForNextTickAsync(stop).AsTask()).ConfigureAwait(false);
                if (stop.IsCancellationRequested) return;
                Watch(Environment.TickCount64);
            }
        }
        catch (OperationCanceledException)
        {
            // Asked to stop.
        }
    }

    private void Watch(long now)
    {
        var heard = _receiver.LastHeard;
        var timeout = (long)_options.Timeout.TotalMilliseconds;
        // Early enough that there is time to answer.
        var interval = Math.Min((long)_options.PingInterval.TotalMilliseconds, Math.Max(timeout / 2, timeout - MaxAnswerTime));
        if (_receiver.HasPong && _pingedAt > heard && now - heard >= timeout)
            Fail(FormattableString.Invariant($"nothing heard for {_options.Timeout.TotalSeconds:0.#} s"));
        else if (interval > 0 && now - Math.Max(heard, _pingedAt) >= interval && (_receiver.HasPong || now - _sender.LastSent >= interval))
            Ping(now);
        if (AddressChanged()) Fail("the tap has another MAC address now, which the server must be told");
    }

    private bool AddressChanged()
    {
        try
        {
            return _tap.Current.Address != _declared;
        }
        catch (TapException)
        {
            // It has gone; its thread is opening it again.
            return false;
        }
    }

    private void Ping(long now)
    {
        _pingedAt = now;
        try
        {
            _sender.SendControl(Opcode.Ping, []);
        }
        catch (Exception e) when (IsLost(e))
        {
            Fail($"connection lost: {e.Message}");
        }
    }

    private async Task CloseAsync()
    {
        try
        {
            _sender.SendClose(CloseCode.Normal, "");
            await Task.WhenAny(_ended.Task, Task.Delay(CloseTimeout)).ConfigureAwait(false);
        }
        catch (Exception e) when (IsLost(e))
        {
            Fail("connection lost");
        }
    }
}
