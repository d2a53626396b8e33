using System.Net.Sockets;
using System.Runtime.Versioning;

namespace VpnWs.Transport;

/// <summary>The threads that serve a server's connections, each started when it is needed.</summary>
/// <param name="count">How many threads at most; more than one lets one connection's work run beside another's, at the price of more switches between them.</param>
internal sealed class EventLoops(int count) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<EventLoop> _loops = [];
    private bool _disposed;

    /// <summary>One thread for two processors, since the kernel's part of the work wants its share.</summary>
    public static int DefaultCount { get; } = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>Gives a connected socket to the thread that serves the fewest; where the system has no such threads the thread pool serves it.</summary>
    public PlainChannel Open(Socket socket) =>
        OperatingSystem.IsLinux() && Pick() is { } loop && PolledChannel.TryOpen(socket, loop) is { } polled ? polled : new SocketChannel(socket);

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate) _disposed = true;
        if (!OperatingSystem.IsLinux()) return;
        foreach (var loop in _loops) loop.Dispose();
    }

    [SupportedOSPlatform("linux")]
    private EventLoop? Pick()
    {
        lock (_gate)
        {
            if (_disposed) return null;
            var idlest = _loops.MinBy(static loop => loop.Count);
            if (idlest is { Count: 0 } || _loops.Count >= count) return idlest;
            var loop = new EventLoop($"vpn-ws loop {_loops.Count}");
            _loops.Add(loop);
            return loop;
        }
    }
}
