using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace VpnWs.Tests.Faults;

internal enum LinkFault
{
    /// <summary>Both ends are closed in good order.</summary>
    Close,

    /// <summary>Both ends are reset.</summary>
    Reset,

    /// <summary>The client is told that nothing more comes, the server not.</summary>
    HalfCloseDown,

    /// <summary>The server is told that nothing more comes, the client not.</summary>
    HalfCloseUp,

    /// <summary>Nothing passes any more, and nobody is told.</summary>
    Stall,
}

/// <summary>A relay that does something bad to every link after some bytes; what and when follows from a seed.</summary>
internal sealed class FaultyProxy : IDisposable
{
    private const int MostBytes = 20_000;

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly ConcurrentBag<Socket> _sockets = [];
    private readonly CancellationTokenSource _ended = new();
    private readonly EndPoint _target;
    private readonly Random _random;

    public FaultyProxy(EndPoint target, int seed)
    {
        (_target, _random) = (target, new Random(seed));
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _ = AcceptAsync();
    }

    public Uri Uri => new($"ws://127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}/vpn");

    /// <summary>From now on links are left in peace.</summary>
    public bool IsKind { get; set; }

    /// <summary>What was done, in order.</summary>
    public ConcurrentQueue<LinkFault> Done { get; } = new();

    public void Dispose()
    {
        _ended.Cancel();
        _listener.Dispose();
        foreach (var socket in _sockets) socket.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptAsync();
                var plan = (Fault: (LinkFault)_random.Next(5), Bytes: _random.Next(MostBytes));
                _ = RelayAsync(client, plan.Fault, plan.Bytes);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }

    private async Task RelayAsync(Socket client, LinkFault fault, int bytes)
    {
        var server = new Socket(_target.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _sockets.Add(client);
        _sockets.Add(server);
        try
        {
            await server.ConnectAsync(_target);
            var link = new Link(client, server, fault, bytes);
            await Task.WhenAll(PumpAsync(client, server, link), PumpAsync(server, client, link));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // One end has gone: so does the other.
        }

        client.Dispose();
        server.Dispose();
    }

    private async Task PumpAsync(Socket from, Socket to, Link link)
    {
        var buffer = new byte[4096];
        while (await from.ReceiveAsync(buffer, _ended.Token) is > 0 and var count)
        {
            if (!IsKind && link.IsDue(count))
            {
                Done.Enqueue(link.Fault);
                link.Break();
            }

            if (link.IsStalled) continue;
            await to.SendAsync(buffer.AsMemory(0, count), _ended.Token);
        }

        if (!link.IsStalled) to.Shutdown(SocketShutdown.Send);
    }

    private sealed class Link(Socket client, Socket server, LinkFault fault, int bytes)
    {
        private int _left = bytes;
        private int _broken;

        public LinkFault Fault => fault;

        public bool IsStalled { get; private set; }

        /// <summary>Whether the bytes that pass are the last good ones; true once.</summary>
        public bool IsDue(int count) => Interlocked.Add(ref _left, -count) < 0 && Interlocked.Exchange(ref _broken, 1) == 0;

        public void Break()
        {
            switch (fault)
            {
                case LinkFault.HalfCloseDown:
                    client.Shutdown(SocketShutdown.Send);
                    break;
                case LinkFault.HalfCloseUp:
                    server.Shutdown(SocketShutdown.Send);
                    break;
                case LinkFault.Stall:
                    IsStalled = true;
                    break;
                default:
                    if (fault == LinkFault.Reset) client.LingerState = server.LingerState = new LingerOption(true, 0);
                    client.Dispose();
                    server.Dispose();
                    break;
            }
        }
    }
}
