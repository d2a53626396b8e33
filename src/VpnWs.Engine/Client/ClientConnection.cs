using VpnWs.Transport;

namespace VpnWs.Client;

/// <summary>An upgraded connection: the stream for frames, and the socket below it, to end it with.</summary>
internal sealed class ClientConnection(HttpMessageInvoker http, HttpResponseMessage response, Stream stream, BlockingStream socket) : IDisposable
{
    /// <summary>The byte stream after the 101, whatever TLS and proxies lie below.</summary>
    public Stream Stream => stream;

    /// <summary>Whether the server picked <c>vpn-ws.offload.v1</c>.</summary>
    public bool HasOffload { get; init; }

    /// <summary>What the server said to the wish to be a bridge, or null where it said nothing, as the C server does.</summary>
    public string? BridgeAnswer { get; init; }

    /// <summary>Whether the connection takes some bytes without making the writer wait.</summary>
    public bool IsWritable => socket.IsWritable;

    /// <summary>Whether this machine would reach the other end through another interface now, or has lost the address that the connection is from: what is sent from that may go nowhere.</summary>
    public bool HasMoved(SocketRoute route)
    {
        if (socket.Ends is not { } ends || route.SourceTowards(ends.Remote) is not { } source || source.Equals(ends.Local.Address)) return false;
        // A new address beside the old one, as of IPv6's privacy extensions, is no reason to leave.
        return SocketRoute.InterfaceOf(ends.Local.Address) is not { } old || old != SocketRoute.InterfaceOf(source);
    }

    /// <summary>Ends the connection at once, from any thread; whoever reads or writes gets an error or the end.</summary>
    public void Abort() => socket.Abort();

    /// <inheritdoc/>
    public void Dispose()
    {
        socket.Abort();
        stream.Dispose();
        response.Dispose();
        http.Dispose();
    }
}
