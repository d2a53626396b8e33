using System.Net.Sockets;

namespace VpnWs.Transport;

/// <summary>A plain TCP or Unix stream socket served by the thread pool. Sends go straight to the kernel; what does not fit is awaited.</summary>
internal sealed class SocketChannel : PlainChannel
{
    /// <summary>After how many waits that found the socket ready the thread is given to others.</summary>
    private const int TriesPerTurn = 32;

    private readonly Socket _socket;
    private int _tries;

    public SocketChannel(Socket socket)
    {
        _socket = socket;
        socket.Blocking = false;
    }

    public override ValueTask<int> WaitAsync(CancellationToken cancellationToken)
    {
        var wait = _socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, cancellationToken);
        if (!wait.IsCompleted)
            _tries = 0;
        else if (++_tries % TriesPerTurn == 0)
            return YieldAsync(wait);
        return wait;
    }

    public override ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken) =>
        _socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken);

    public override bool TryReceive(Span<byte> buffer, out int received)
    {
        received = _socket.Receive(buffer, SocketFlags.None, out var error);
        return error switch
        {
            SocketError.Success => true,
            SocketError.WouldBlock or SocketError.Interrupted => false,
            _ => throw new SocketException((int)error),
        };
    }

    public override int TrySend(ReadOnlySpan<byte> data)
    {
        var sent = _socket.Send(data, SocketFlags.None, out var error);
        return error switch
        {
            SocketError.Success => sent,
            SocketError.WouldBlock or SocketError.NoBufferSpaceAvailable => 0,
            _ => throw new SocketException((int)error),
        };
    }

    public override async ValueTask SendAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        while (data.Length > 0)
            data = data[await _socket.SendAsync(data, SocketFlags.None, cancellationToken).ConfigureAwait(false)..];
    }

    public override ValueTask ShutdownSendAsync()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The other end was faster; receiving will say so.
        }

        return ValueTask.CompletedTask;
    }

    public override void Dispose() => _socket.Dispose();

    private static async ValueTask<int> YieldAsync(ValueTask<int> wait)
    {
        await Task.Yield();
        return await wait.ConfigureAwait(false);
    }
}
