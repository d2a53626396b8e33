using System.Net;
using System.Net.Sockets;
using System.Text;

namespace VpnWs.Tests.Framework;

/// <summary>An HTTP proxy that makes tunnels (RFC 9110 section 9.3.6) and remembers where to.</summary>
internal sealed class ConnectProxy : IDisposable
{
    private readonly NetworkNamespace _where;
    private readonly Socket _listener;
    private readonly List<string> _targets = [];

    public ConnectProxy(NetworkNamespace where, string address, int port)
    {
        _where = where;
        _listener = where.Inside(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        _listener.Bind(new IPEndPoint(IPAddress.Parse(address), port));
        _listener.Listen();
        _ = AcceptAsync();
    }

    public IReadOnlyList<string> Targets
    {
        get
        {
            lock (_targets) return [.. _targets];
        }
    }

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = ServeAsync(await _listener.AcceptAsync());
        }
        catch (SocketException)
        {
            // Disposed.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await using var near = new NetworkStream(socket, ownsSocket: true);
        var target = await ReadTargetAsync(near);
        lock (_targets) _targets.Add(target);
        var farSocket = _where.Inside(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        await farSocket.ConnectAsync(IPEndPoint.Parse(target));
        await using var far = new NetworkStream(farSocket, ownsSocket: true);
        await near.WriteAsync("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray());
        await Task.WhenAny(near.CopyToAsync(far), far.CopyToAsync(near));
    }

    private static async Task<string> ReadTargetAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one) == 1) head.Append((char)one[0]);
        var words = head.ToString().Split(' ');
        return words[0] == "CONNECT" ? words[1] : throw new InvalidDataException($"Only CONNECT is known: {head}");
    }
}
