using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using VpnWs.Tests.Transport;
using VpnWs.WebSockets;

namespace VpnWs.Tests.Client;

/// <summary>A server made by hand, for what no decent one would do to a client.</summary>
internal sealed class FakeServer : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<IDisposable> _connections = [];
    private readonly List<IAsyncDisposable> _clients = [];

    public FakeServer()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public Uri Uri => new($"ws://127.0.0.1:{Port}/vpn");

    /// <summary>Answers the request in a peer's head with a proper 101, with more fields where given.</summary>
    public static byte[] Welcome(RawPeer peer, string more = "") => Encoding.ASCII.GetBytes(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + $"Sec-WebSocket-Accept: {WebSocketHandshake.ComputeAccept(peer.Field("Sec-WebSocket-Key")!)}\r\n{more}\r\n");

    /// <summary>A whole answer that is no welcome.</summary>
    public static byte[] Answer(string statusLine) => Encoding.ASCII.GetBytes($"HTTP/1.1 {statusLine}\r\nContent-Length: 2\r\n\r\nno");

    /// <summary>Takes the next connection.</summary>
    public async Task<RawPeer> AcceptConnection()
    {
        var peer = new RawPeer(await Eventually.Within("the client connects", _listener.AcceptAsync()));
        _connections.Add(peer);
        return peer;
    }

    /// <summary>Takes the next connection and reads the head of its request.</summary>
    public async Task<RawPeer> Accept()
    {
        var peer = await AcceptConnection();
        await peer.ReadHead();
        return peer;
    }

    /// <summary>Takes the next connection and lets it in.</summary>
    public async Task<RawPeer> Welcome(string more = "")
    {
        var peer = await Accept();
        await peer.Send(Welcome(peer, more));
        return peer;
    }

    /// <summary>Takes the next connection under TLS and reads the head of its request; null where the client ended the TLS handshake.</summary>
    public async Task<(RawPeer Peer, SslStream Tls)?> AcceptTls(SslServerAuthenticationOptions options)
    {
        var socket = await Eventually.Within("the client connects", _listener.AcceptAsync());
        var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
        var peer = new RawPeer(tls, socket);
        _connections.Add(peer);
        try
        {
            await Eventually.Within("the TLS handshake ends", tls.AuthenticateAsServerAsync(options));
            await peer.ReadHead();
            return (peer, tls);
        }
        catch (Exception e) when (e is AuthenticationException or IOException or Xunit.Sdk.XunitException)
        {
            return null;
        }
    }

    /// <summary>Takes care of a client's end: after that of its connections, so that it need not wait for an answer to its close.</summary>
    public T Keep<T>(T client)
        where T : IAsyncDisposable
    {
        _clients.Add(client);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        _connections.ForEach(connection => connection.Dispose());
        foreach (var client in _clients) await client.DisposeAsync();
    }
}
