using System.Collections.Concurrent;
using System.Runtime.Versioning;

namespace VpnWs.Transport;

/// <summary>
/// A thread that waits for many sockets at once and serves them itself, one after another: what comes from one goes out to others without
/// a change of threads. Whoever is served here must not wait.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class EventLoop : IDisposable
{
    private readonly Epoll _epoll = new();
    private readonly ConcurrentQueue<Readiness> _posted = new();
    private readonly Lock _gate = new();
    private readonly Stack<int> _free = new();
    private readonly Thread _thread;
    private PolledChannel?[] _channels = new PolledChannel?[16];
    private int _used;
    private uint _generation;
    private int _wakePending;
    private volatile bool _stopped;

    /// <summary>Starts the thread.</summary>
    public EventLoop(string name)
    {
        _thread = new Thread(Run) { IsBackground = true, Name = name };
        _thread.Start();
    }

    /// <summary>How many sockets it serves.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _used - _free.Count;
        }
    }

    /// <summary>Takes a socket in.</summary>
    /// <returns>False where the kernel refuses it, or the loop has stopped.</returns>
    public bool TryAdd(PolledChannel channel, nint descriptor)
    {
        lock (_gate)
        {
            if (_stopped) return false;
            var index = _free.TryPop(out var freed) ? freed : _used++;
            if (index == _channels.Length) Array.Resize(ref _channels, index * 2);
            var token = ((ulong)++_generation << 32) | (uint)index;
            channel.Token = token;
            Volatile.Write(ref _channels[index], channel);
            if (_epoll.TryAdd(descriptor, Epoll.Readable | Epoll.Writable | Epoll.EndOfReading, token)) return true;
            _channels[index] = null;
            _free.Push(index);
            return false;
        }
    }

    /// <summary>Forgets a socket.</summary>
    public void Remove(ulong token)
    {
        lock (_gate)
        {
            var index = (int)(uint)token;
            if (_channels[index]?.Token != token) return;
            _channels[index] = null;
            _free.Push(index);
        }
    }

    /// <summary>Has a waiter woken by the loop, from any thread.</summary>
    public void Post(Readiness readiness)
    {
        _posted.Enqueue(readiness);
        if (_stopped)
            ThreadPool.UnsafeQueueUserWorkItem(static loop => loop.SignalPosted(), this, preferLocal: false);
        else if (Thread.CurrentThread != _thread)
            Wake();
    }

    /// <summary>Ends the thread; whoever still waits is served by the thread pool.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_stopped) return;
            _stopped = true;
            _epoll.Wake();
        }

        if (Thread.CurrentThread != _thread) _thread.Join();
    }

    private void Wake()
    {
        if (Interlocked.Exchange(ref _wakePending, 1) != 0) return;
        // Not against a descriptor that has just been closed.
        lock (_gate)
        {
            if (!_stopped) _epoll.Wake();
        }
    }

    private void Run()
    {
        while (!_stopped)
        {
            var count = _epoll.Wait(_posted.IsEmpty ? -1 : 0);
            for (var i = 0; i < count; i++)
            {
                var (events, token) = _epoll.Get(i);
                if (token == Epoll.WakeToken)
                    Volatile.Write(ref _wakePending, 0);
                else
                    Find(token)?.Signal(events);
            }

            SignalPosted();
        }

        lock (_gate) _epoll.Dispose();
        SignalPosted();
    }

    // A socket may have been closed, and its place taken by another, since the kernel spoke.
    private PolledChannel? Find(ulong token)
    {
        var channel = Volatile.Read(ref Volatile.Read(ref _channels)[(int)(uint)token]);
        return channel?.Token == token ? channel : null;
    }

    /// <summary>Wakes those that were posted until now; who posts itself again has its turn after the sockets.</summary>
    private void SignalPosted()
    {
        for (var left = _posted.Count; left > 0 && _posted.TryDequeue(out var readiness); left--) readiness.Signal();
    }
}
