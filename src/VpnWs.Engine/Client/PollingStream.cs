using System.Net.Sockets;

namespace VpnWs.Client;

/// <summary>
/// A socket's stream whose synchronous calls wait in <c>poll</c> on the calling thread. The framework's own would, on a socket that was
/// connected asynchronously, wait for another thread to watch it: two more thread switches for each batch.
/// </summary>
internal sealed class PollingStream : NetworkStream
{
    private static readonly TimeSpan PollPeriod = TimeSpan.FromSeconds(5);

    public PollingStream(Socket socket)
        : base(socket, ownsSocket: true) => socket.Blocking = false;

    /// <summary>Ends every present and later call, from any thread.</summary>
    public void Abort()
    {
        try
        {
            Socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Not connected any more: just what is wanted.
        }
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        while (true)
        {
            var received = Socket.Receive(buffer, SocketFlags.None, out var error);
            if (error == SocketError.Success) return received;
            Wait(error, SelectMode.SelectRead);
        }
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            var sent = Socket.Send(buffer, SocketFlags.None, out var error);
            if (error == SocketError.Success)
                buffer = buffer[sent..];
            else
                Wait(error, SelectMode.SelectWrite);
        }
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    private void Wait(SocketError error, SelectMode mode)
    {
        if (error is not (SocketError.WouldBlock or SocketError.Interrupted or SocketError.NoBufferSpaceAvailable))
            throw new IOException(new SocketException((int)error).Message, new SocketException((int)error));
        Socket.Poll(PollPeriod, mode);
    }
}
