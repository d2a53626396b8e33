using System.Net.Sockets;

namespace VpnWs.Transport;

/// <summary>A channel right above a socket, which never makes a try wait.</summary>
internal abstract class PlainChannel : Channel
{
    private protected PlainChannel(Socket socket)
    {
        Socket = socket;
        socket.Blocking = false;
    }

    /// <summary>The socket, which is the channel's.</summary>
    private protected Socket Socket { get; }

    /// <summary>Receives what is there without waiting; false where nothing is.</summary>
    /// <param name="buffer">Where to, not empty.</param>
    /// <param name="received">How many bytes; 0 at the end of the stream.</param>
    public virtual bool TryReceive(Span<byte> buffer, out int received)
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

    /// <inheritdoc/>
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

    /// <inheritdoc/>
    public override ValueTask ShutdownSendAsync()
    {
        try
        {
            Socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The other end was faster; receiving will say so.
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public override void Dispose() => Socket.Dispose();
}
