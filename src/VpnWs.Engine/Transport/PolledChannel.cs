using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using VpnWs.Taps;

namespace VpnWs.Transport;

/// <summary>A plain TCP or Unix stream socket of an <see cref="EventLoop"/>: it is tried first, and waited for where it has nothing or no room.</summary>
/// <remarks>The tries are calls of our own: the framework's keep 224 bytes more for every socket that is not to wait.</remarks>
[SupportedOSPlatform("linux")]
internal sealed class PolledChannel : PlainChannel
{
    /// <summary>How many waits may find the socket ready in succession before the others of the loop have a turn.</summary>
    private const int TriesPerTurn = 8;

    private readonly EventLoop _loop;
    private readonly Readiness _reading;
    private readonly SafeHandle _handle;
    private Readiness? _writing;
    private int _tries;

    private PolledChannel(Socket socket, EventLoop loop)
        : base(socket)
    {
        _loop = loop;
        _handle = socket.SafeHandle;
        _reading = new Readiness(loop);
    }

    /// <summary>The loop's name for this socket.</summary>
    public ulong Token { get; set; }

    /// <summary>Gives a socket to a loop; null where the loop cannot take it.</summary>
    public static PolledChannel? TryOpen(Socket socket, EventLoop loop)
    {
        var channel = new PolledChannel(socket, loop);
        return loop.TryAdd(channel, socket.Handle) ? channel : null;
    }

    /// <summary>Takes what the kernel said of the socket.</summary>
    public void Signal(uint events)
    {
        // An end is told once, and may hide behind bytes that are read first.
        if ((events & Epoll.Ended) != 0)
            Volatile.Read(ref _writing)?.SignalEnd();
        else if ((events & Epoll.Writable) != 0)
            Volatile.Read(ref _writing)?.Signal();
        if ((events & (Epoll.Ended | Epoll.EndOfReading)) != 0)
            _reading.SignalEnd();
        else if ((events & Epoll.Readable) != 0)
            _reading.Signal();
    }

    /// <inheritdoc/>
    public override ValueTask<int> WaitAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.CanBeCanceled) return WaitAsync(_reading, cancellationToken);
        var wait = _reading.WaitAsync();
        if (!wait.IsCompleted)
            _tries = 0;
        else if (++_tries % TriesPerTurn == 0)
            return _reading.YieldAsync();
        return wait;
    }

    /// <inheritdoc/>
    public override ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken) =>
        TryReceive(buffer.Span, out var received) ? new ValueTask<int>(received) : ReceiveLaterAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    public override bool TryReceive(Span<byte> buffer, out int received)
    {
        _reading.Clear();
        while ((received = (int)Libc.Receive(_handle, buffer, (nuint)buffer.Length, Libc.MSG_DONTWAIT)) < 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error == Libc.EAGAIN) return false;
            if (error != Libc.EINTR) throw Explain(error);
        }

        // Fewer bytes than asked for is all there was; the kernel tells when there is more.
        if (received == buffer.Length) _reading.Keep();
        return true;
    }

    /// <inheritdoc/>
    public override int TrySend(ReadOnlySpan<byte> data)
    {
        Volatile.Read(ref _writing)?.Clear();
        int sent;
        while ((sent = (int)Libc.Send(_handle, data, (nuint)data.Length, Libc.MSG_DONTWAIT | Libc.MSG_NOSIGNAL)) < 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error is Libc.EAGAIN or Libc.ENOBUFS) return 0;
            if (error != Libc.EINTR) throw Explain(error);
        }

        return sent;
    }

    /// <inheritdoc/>
    public override async ValueTask SendAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        data = data[TrySend(data.Span)..];
        if (data.Length == 0) return;
        // Most sockets always have room. From now on the kernel's word is noted, so the first try after this counts.
        var writing = Volatile.Read(ref _writing) ?? Interlocked.CompareExchange(ref _writing, new Readiness(_loop), null) ?? _writing;
        while (true)
        {
            data = data[TrySend(data.Span)..];
            if (data.Length == 0) return;
            await WaitAsync(writing, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _loop.Remove(Token);
        base.Dispose();
        _reading.End();
        Volatile.Read(ref _writing)?.End();
    }

    private static IOException Explain(int error) => new(Marshal.GetPInvokeErrorMessage(error), error);

    private static async ValueTask<int> WaitAsync(Readiness readiness, CancellationToken cancellationToken)
    {
        if (!cancellationToken.CanBeCanceled) return await readiness.WaitAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        using var registration = cancellationToken.UnsafeRegister(static readiness => ((Readiness)readiness!).Wake(), readiness);
        await readiness.WaitAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return 0;
    }

    private async ValueTask<int> ReceiveLaterAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            await WaitAsync(_reading, cancellationToken).ConfigureAwait(false);
            if (TryReceive(buffer.Span, out var received)) return received;
        }
    }
}
