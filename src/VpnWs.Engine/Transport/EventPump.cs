using System.Threading.Channels;

namespace VpnWs.Transport;

/// <summary>
/// Raises events in order on a thread of its own, so that a handler neither holds up frames nor runs under a lock. Where a handler is slow the
/// oldest waiting events are dropped rather than memory grown, and their number is told.
/// </summary>
internal sealed class EventPump<T> : IAsyncDisposable
    where T : class
{
    private const int Capacity = 8192;

    // While a handler stays slow, what tells of the lost is itself one of many.
    private const int LeastBetweenTellings = 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Channel<T> _queue;
    private readonly Func<long, T> _lostEvent;
    private readonly Task _reader;
    private long _lost;

    /// <summary>Makes a pump for an event.</summary>
    /// <param name="sender">Whose event it is.</param>
    /// <param name="handlers">The handlers of the moment.</param>
    /// <param name="lost">The event that tells how many were dropped.</param>
    public EventPump(object sender, Func<EventHandler<T>?> handlers, Func<long, T> lost)
    {
        _lostEvent = lost;
        _queue = System.Threading.Channels.Channel.CreateBounded<T>(
            new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }, _ => Interlocked.Increment(ref _lost));
        _reader = Task.Run(() => RunAsync(sender, handlers));
    }

    /// <summary>What a handler threw last, or null.</summary>
    public Exception? LastHandlerFault { get; private set; }

    /// <summary>Queues an event; never waits.</summary>
    public void Post(T item) => _queue.Writer.TryWrite(item);

    /// <summary>Raises what is queued and ends; a handler that hangs is waited for a second at most.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _reader.WaitAsync(Patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task RunAsync(object sender, Func<EventHandler<T>?> handlers)
    {
        var sinceTold = LeastBetweenTellings;
        while (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            while (_queue.Reader.TryRead(out var item))
            {
                // What was dropped is older than what is next.
                if (sinceTold >= LeastBetweenTellings && TakeLost() is { } told)
                {
                    RaiseAll(handlers(), sender, told);
                    sinceTold = 0;
                }

                RaiseAll(handlers(), sender, item);
                sinceTold++;
            }

            if (TakeLost() is { } rest) RaiseAll(handlers(), sender, rest);
        }
    }

    private T? TakeLost() => Interlocked.Exchange(ref _lost, 0) is > 0 and var count ? _lostEvent(count) : null;

    private void RaiseAll(EventHandler<T>? handlers, object sender, T item)
    {
        foreach (var handler in Delegate.EnumerateInvocationList(handlers)) Raise(handler, sender, item);
    }

    private void Raise(EventHandler<T> handler, object sender, T item)
    {
        try
        {
            handler(sender, item);
        }
        catch (Exception e)
        {
            // A handler's fault is its owner's to mend; the engine, the other handlers and the other events go on.
            LastHandlerFault = e;
        }
    }
}
