using System.Net;
using System.Net.Sockets;
using System.Text;

namespace VpnWs.Tests.Client;

/// <summary>An HTTP proxy that makes tunnels (RFC 9110 section 9.3.6), remembers the requests for them, and wants credentials where it is given some.</summary>
internal sealed class FakeProxy : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<string> _requests = [];
    private readonly List<Socket> _sockets = [];
    private readonly string? _credentials;

    public FakeProxy(string? credentials = null)
    {
        _credentials = credentials;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _ = AcceptAsync();
    }

    public Uri Uri => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}");

    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (_requests) return [.. _requests];
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        lock (_requests) _sockets.ForEach(socket => socket.Dispose());
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = ServeAsync(await _listener.AcceptAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        lock (_requests) _sockets.Add(socket);
        var near = new NetworkStream(socket);
        while (true)
        {
            var head = await ReadHeadAsync(near);
            if (head.Length == 0) return;
            lock (_requests) _requests.Add(head);
            var wanted = _credentials is null ? null : $"Proxy-Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(_credentials))}\r\n";
            if (wanted is not null && !head.Contains(wanted, StringComparison.Ordinal))
            {
                await near.WriteAsync("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
                continue;
            }

            var target = IPEndPoint.Parse(head.Split(' ')[1]);
            var farSocket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            lock (_requests) _sockets.Add(farSocket);
            await farSocket.ConnectAsync(target);
            var far = new NetworkStream(farSocket);
            await near.WriteAsync("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray());
            await Task.WhenAny(near.CopyToAsync(far), far.CopyToAsync(near));
            socket.Dispose();
            farSocket.Dispose();
            return;
        }
    }

    private static async Task<string> ReadHeadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one) == 0) return "";
            head.Append((char)one[0]);
        }

        return head.ToString();
    }
}
