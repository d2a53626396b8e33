using VpnWs.Transport;

namespace VpnWs.Client;

/// <summary>An upgraded connection: the stream for frames, and the socket below it, to end it with.</summary>
internal sealed class ClientConnection : IDisposable
{
    private readonly HttpMessageInvoker _http;
    private readonly HttpResponseMessage _response;
    private readonly Stream _stream;
    private readonly BlockingStream _socket;

    /// <param name="http">Made for this connection.</param>
    /// <param name="response">The 101.</param>
    /// <param name="stream">The byte stream after it, whatever TLS and proxies lie below.</param>
    /// <param name="socket">The bottom of that stream.</param>
    public ClientConnection(HttpMessageInvoker http, HttpResponseMessage response, Stream stream, BlockingStream socket)
    {
        _http = http;
        _response = response;
        _stream = stream;
        _socket = socket;
        socket.IsLink = true;
    }

    /// <summary>Whether the server picked <c>vpn-ws.offload.v1</c>.</summary>
    public bool HasOffload { get; init; }

    /// <summary>What the server said to the wish to be a bridge, or null where it said nothing, as the C server does.</summary>
    public string? BridgeAnswer { get; init; }

    /// <summary>Whether the connection takes some bytes without making the writer wait.</summary>
    public bool IsWritable => _socket.IsWritable;

    /// <summary>Whether this machine would reach the other end through another interface now, or has lost the address that the connection is from: what is sent from that may go nowhere.</summary>
    public bool HasMoved(SocketRoute route)
    {
        if (_socket.Ends is not { } ends || route.SourceTowards(ends.Remote) is not { } source || source.Equals(ends.Local.Address)) return false;
        // A new address beside the old one, as of IPv6's privacy extensions, is no reason to leave.
        return SocketRoute.InterfaceOf(ends.Local.Address) is not { } old || old != SocketRoute.InterfaceOf(source);
    }

    /// <summary>Receives what is there, waiting until something is; 0 at the end.</summary>
    /// <exception cref="IOException">The connection is gone.</exception>
    public int Receive(Memory<byte> buffer)
    {
        // The framework's HTTP connection, asked synchronously, reads 4 KiB at a time into a buffer of its own.
        var read = _stream.ReadAsync(buffer);
        return read.IsCompleted ? read.GetAwaiter().GetResult() : read.AsTask().GetAwaiter().GetResult();
    }

    /// <summary>Sends all of it, waiting until the kernel has taken it.</summary>
    /// <exception cref="IOException">The connection is gone.</exception>
    public void Send(ReadOnlySpan<byte> data)
    {
        _stream.Write(data);
        _socket.Flush();
    }

    /// <summary>Ends the connection at once, from any thread; whoever reads or writes gets an error or the end.</summary>
    public void Abort() => _socket.Abort();

    /// <inheritdoc/>
    public void Dispose()
    {
        _socket.Abort();
        _stream.Dispose();
        _response.Dispose();
        _http.Dispose();
    }
}
