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

    /// <summary>Whether this machine would reach the other end from another address now: what is sent from the old one may go nowhere.</summary>
    public bool HasMoved(SocketRoute route) =>
        socket.Ends is { } ends && route.SourceTowards(ends.Remote) is { } source && !source.Equals(ends.Local.Address);

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
