using System.Net.Sockets;

namespace VpnWs.Transport;

/// <summary>A plain TCP or Unix stream socket served by the thread pool. Sends go straight to the kernel; what does not fit is awaited.</summary>
internal sealed class SocketChannel : PlainChannel
{
    /// <summary>After how many waits that found the socket ready the thread is given to others.</summary>
    private const int TriesPerTurn = 32;

    private int _tries;

    public SocketChannel(Socket socket)
        : base(socket) => socket.Blocking = false;

    public override ValueTask<int> WaitAsync(CancellationToken cancellationToken)
    {
        var wait = Socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, cancellationToken);
        if (!wait.IsCompleted)
            _tries = 0;
        else if (++_tries % TriesPerTurn == 0)
            return YieldAsync(wait);
        return wait;
    }

    public override ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken) =>
        Socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken);

    public override bool TryReceive(Span<byte> buffer, out int received)
    {
        SocketError error;
        do received = Socket.Receive(buffer, SocketFlags.None, out error);
        while (error == SocketError.Interrupted);
        return error switch
        {
            SocketError.Success => true,
            SocketError.WouldBlock => false,
            _ => throw new SocketException((int)error),
        };
    }

    public override int TrySend(ReadOnlySpan<byte> data)
    {
        var sent = Socket.Send(data, SocketFlags.None, out var error);
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
            data = data[await Socket.SendAsync(data, SocketFlags.None, cancellationToken).ConfigureAwait(false)..];
    }

    private static async ValueTask<int> YieldAsync(ValueTask<int> wait)
    {
        await Task.Yield();
        return await wait.ConfigureAwait(false);
    }
}
