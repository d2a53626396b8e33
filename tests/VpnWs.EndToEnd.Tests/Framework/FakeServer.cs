using System.Net;
using System.Net.Sockets;
using System.Text;
using VpnWs.WebSockets;

namespace VpnWs.Tests.Framework;

/// <summary>A server made by hand, for what no decent one would do to a client.</summary>
internal sealed class FakeServer : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private readonly Socket _listener;

    public FakeServer(NetworkNamespace where, string address, int port)
    {
        var endPoint = new IPEndPoint(IPAddress.Parse(address), port);
        _listener = where.Inside(() => new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        _listener.Bind(endPoint);
        _listener.Listen();
    }

    /// <summary>Takes the next connection and reads the head of its request, which is in <see cref="RawWebSocket.Head"/> then.</summary>
    public RawWebSocket Accept()
    {
        Assert.True(_listener.Poll(Patience, SelectMode.SelectRead), "Nobody connected.");
        var client = new RawWebSocket(_listener.Accept()) { PeerMasks = true };
        client.ReadHead();
        return client;
    }

    /// <summary>The answer that lets a client in.</summary>
    public static byte[] Welcome(RawWebSocket client)
    {
        var key = Field(client.Head, "Sec-WebSocket-Key");
        return Encoding.ASCII.GetBytes(
            $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {WebSocketHandshake.ComputeAccept(key)}\r\n\r\n");
    }

    /// <summary>The value of a field in a head.</summary>
    public static string Field(string head, string name) =>
        head.Split("\r\n").First(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))[(name.Length + 1)..].Trim();

    public void Dispose() => _listener.Dispose();
}
