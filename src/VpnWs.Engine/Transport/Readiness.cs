using System.Runtime.Versioning;
using System.Threading.Tasks.Sources;

namespace VpnWs.Transport;

/// <summary>
/// One direction of a socket: whether it is worth a try, which the kernel says first of all, and who waits until it is. At most one waits. Whoever waits goes on within
/// <see cref="Signal"/>, which the loop alone calls, so on the loop's thread and under no lock; it may be woken for nothing.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class Readiness(EventLoop loop) : IValueTaskSource<int>
{
    private const int Unready = 0;
    private const int Ready = 1;
    private const int Awaited = 2;

    private ManualResetValueTaskSourceCore<int> _source;
    private int _state;
    private volatile bool _ended;

    /// <summary>To be called before the socket is tried: what the kernel says from now on is news.</summary>
    public void Clear()
    {
        if (!_ended) Interlocked.CompareExchange(ref _state, Unready, Ready);
    }

    /// <summary>Notes that the try did not exhaust the socket.</summary>
    public void Keep() => Interlocked.CompareExchange(ref _state, Ready, Unready);

    /// <summary>Completes when the socket is worth a try.</summary>
    public ValueTask<int> WaitAsync()
    {
        if (Volatile.Read(ref _state) == Ready) return default;
        _source.Reset();
        return Interlocked.CompareExchange(ref _state, Awaited, Unready) == Ready ? default : new ValueTask<int>(this, _source.Version);
    }

    /// <summary>The same, but after everybody else of the loop has had a turn.</summary>
    public ValueTask<int> YieldAsync()
    {
        _source.Reset();
        Interlocked.Exchange(ref _state, Awaited);
        loop.Post(this);
        return new ValueTask<int>(this, _source.Version);
    }

    /// <summary>Says that there is something new.</summary>
    public void Signal()
    {
        if (Interlocked.Exchange(ref _state, Ready) == Awaited) _source.SetResult(0);
    }

    /// <summary>Says that there will be nothing new any more: every try from now on tells what there is to tell.</summary>
    public void SignalEnd()
    {
        _ended = true;
        Signal();
    }

    /// <summary>The same as <see cref="SignalEnd"/>, from any thread.</summary>
    public void End()
    {
        _ended = true;
        loop.Post(this);
    }

    /// <summary>Has whoever waits look about, from any thread.</summary>
    public void Wake() => loop.Post(this);

    int IValueTaskSource<int>.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags & ~ValueTaskSourceOnCompletedFlags.UseSchedulingContext);
}
