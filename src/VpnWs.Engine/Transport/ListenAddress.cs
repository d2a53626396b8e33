using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace VpnWs.Transport;

/// <summary>An address to listen on: the path of a Unix socket, <c>host:port</c>, <c>:port</c> or <c>[v6]:port</c>.</summary>
public sealed record ListenAddress
{
    private const int MaxPathBytes = 107;

    private ListenAddress(string text, EndPoint endPoint, string? path)
    {
        Text = text;
        EndPoint = endPoint;
        Path = path;
    }

    /// <summary>A socket that listens already, or null.</summary>
    internal Socket? Listening { get; private init; }

    /// <summary>The address as it was written.</summary>
    public string Text { get; }

    /// <summary>What to bind. A host name is resolved when the server starts.</summary>
    public EndPoint EndPoint { get; }

    /// <summary>The path of the Unix socket, or null.</summary>
    public string? Path { get; }

    /// <summary>Whether only this machine reaches it: a Unix socket, a loopback address or <c>localhost</c>.</summary>
    public bool IsLocal => EndPoint switch
    {
        IPEndPoint ip => IPAddress.IsLoopback(ip.Address),
        DnsEndPoint dns => dns.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase),
        _ => true,
    };

    /// <summary>Reads an address: what has no colon is a path, as in the C server.</summary>
    /// <exception cref="FormatException">The text is no address; the message says why.</exception>
    public static ListenAddress Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length == 0) throw new FormatException("The address is empty; give a socket path, host:port, :port or [v6]:port.");
        var colon = text.LastIndexOf(':');
        if (colon < 0 || text[0] is '/' or '.') return FromPath(text);
        if (!ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            throw new FormatException($"'{text}' has no port from 0 to 65535 after its last colon.");
        return new ListenAddress(text, HostEndPoint(text, text[..colon], port), null);
    }

    /// <summary>Takes a stream socket over that is bound and listens already, such as one of a service manager; the server that is given it closes it.</summary>
    /// <exception cref="ArgumentException">It is another kind of socket, or not bound.</exception>
    public static ListenAddress FromSocket(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        if (socket.SocketType != SocketType.Stream || socket.LocalEndPoint is not { } endPoint) throw new ArgumentException("This is no bound stream socket.", nameof(socket));
        return new ListenAddress(endPoint.ToString() ?? "", endPoint, null) { Listening = socket };
    }

    /// <summary>The address as it was written.</summary>
    public override string ToString() => Text;

    private static ListenAddress FromPath(string path) =>
        System.Text.Encoding.UTF8.GetByteCount(path) <= MaxPathBytes
            ? new ListenAddress(path, new UnixDomainSocketEndPoint(path), path)
            : throw new FormatException($"The socket path is longer than {MaxPathBytes} bytes: {path}");

    private static EndPoint HostEndPoint(string text, string host, int port)
    {
        if (host.Length == 0) return new IPEndPoint(IPAddress.Any, port);
        if (host[0] == '[')
        {
            return host[^1] == ']' && IPAddress.TryParse(host.AsSpan(1, host.Length - 2), out var v6) && v6.AddressFamily == AddressFamily.InterNetworkV6
                ? new IPEndPoint(v6, port)
                : throw new FormatException($"'{text}' has no IPv6 address between its brackets.");
        }

        if (host.Contains(':', StringComparison.Ordinal)) throw new FormatException($"Write the IPv6 address of '{text}' in brackets: [{host}]:{port}.");
        if (IPAddress.TryParse(host, out var v4)) return new IPEndPoint(v4, port);
        return Uri.CheckHostName(host) == UriHostNameType.Dns ? new DnsEndPoint(host, port) : throw new FormatException($"'{host}' is no host name or address.");
    }
}
