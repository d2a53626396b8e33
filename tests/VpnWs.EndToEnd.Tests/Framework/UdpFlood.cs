using System.Net.Sockets;

namespace VpnWs.Tests.Framework;

/// <summary>Datagrams to an address as fast as they go, until stopped.</summary>
internal sealed class UdpFlood : IDisposable
{
    private const int PayloadSize = 1300;
    private const int DiscardPort = 9;

    private readonly Socket _socket;
    private readonly Thread _thread;
    private volatile bool _enough;

    public UdpFlood(NetworkNamespace from, string to)
    {
        _socket = from.Inside(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        _socket.Connect(to, DiscardPort);
        _thread = new Thread(Send);
        _thread.Start();
    }

    public long Sent { get; private set; }

    public void Dispose()
    {
        _enough = true;
        _thread.Join();
        _socket.Dispose();
    }

    private void Send()
    {
        for (var packet = new byte[PayloadSize]; !_enough; Sent++) _socket.Send(packet);
    }
}
