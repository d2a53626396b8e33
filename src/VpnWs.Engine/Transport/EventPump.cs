using System.Threading.Channels;

namespace VpnWs.Transport;

/// <summary>
/// Raises events in order on a thread of its own, so that a handler neither holds up frames nor runs under a lock. Where a handler is slow the
/// oldest waiting events are dropped and counted rather than memory grown.
/// </summary>
internal sealed class EventPump<T> : IAsyncDisposable
    where T : class
{
    private const int Capacity = 8192;

    private readonly Channel<T> _queue;
    private readonly Task _reader;
    private long _dropped;

    public EventPump(Action<T> raise)
    {
        _queue = System.Threading.Channels.Channel.CreateBounded<T>(
            new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true },
            _ => Interlocked.Increment(ref _dropped));
        _reader = Task.Run(() => RunAsync(raise));
    }

    /// <summary>How many events were dropped because handlers were slow.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>What a handler threw last, or null.</summary>
    public Exception? LastHandlerFault { get; private set; }

    /// <summary>Queues an event; never waits.</summary>
    public void Post(T item) => _queue.Writer.TryWrite(item);

    /// <summary>Raises what is queued and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _reader.ConfigureAwait(false);
    }

    private async Task RunAsync(Action<T> raise)
    {
        await foreach (var item in _queue.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            try
            {
                raise(item);
            }
            catch (Exception e)
            {
                // A handler's fault is its owner's to mend; the engine and the other events go on.
                LastHandlerFault = e;
            }
        }
    }
}
