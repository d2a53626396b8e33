using System.Threading.Channels;

namespace VpnWs.Transport;

/// <summary>
/// Raises events in order on a thread of its own, so that a handler neither holds up frames nor runs under a lock. Where a handler is slow the
/// oldest waiting events are dropped rather than memory grown.
/// </summary>
internal sealed class EventPump<T> : IAsyncDisposable
    where T : class
{
    private const int Capacity = 8192;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Channel<T> _queue;
    private readonly Task _reader;

    /// <summary>Makes a pump for an event.</summary>
    /// <param name="sender">Whose event it is.</param>
    /// <param name="handlers">The handlers of the moment.</param>
    public EventPump(object sender, Func<EventHandler<T>?> handlers)
    {
        _queue = System.Threading.Channels.Channel.CreateBounded<T>(
            new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
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
        while (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            while (_queue.Reader.TryRead(out var item))
            {
                foreach (var handler in Delegate.EnumerateInvocationList(handlers())) Raise(handler, sender, item);
            }
        }
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
