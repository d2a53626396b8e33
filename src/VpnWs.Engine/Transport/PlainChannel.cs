using System.Net.Sockets;

namespace VpnWs.Transport;

/// <summary>A channel right above a socket, which never makes a try wait.</summary>
internal abstract class PlainChannel : Channel
{
    private protected PlainChannel(Socket socket) => Socket = socket;

    /// <summary>The socket, which is the channel's.</summary>
    private protected Socket Socket { get; }

    /// <summary>Receives what is there without waiting; false where nothing is.</summary>
    /// <param name="buffer">Where to, not empty.</param>
    /// <param name="received">How many bytes; 0 at the end of the stream.</param>
    public abstract bool TryReceive(Span<byte> buffer, out int received);

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
