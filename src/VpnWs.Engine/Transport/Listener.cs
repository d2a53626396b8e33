using System.Net;
using System.Net.Sockets;

namespace VpnWs.Transport;

/// <summary>A bound and listening socket. Closing it removes the socket file that it made.</summary>
internal sealed class Listener : IDisposable
{
    private const int Backlog = 1024;
    private const int SolSocket = 1;
    private const int SoReuseAddress = 2;
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly Socket _socket;
    private readonly string? _path;

    private Listener(Socket socket, ListenAddress address)
    {
        _socket = socket;
        _path = address.Path;
        Address = address;
    }

    /// <summary>The address as it was given.</summary>
    public ListenAddress Address { get; }

    /// <summary>What was bound, with the port that the kernel chose where 0 was asked.</summary>
    public EndPoint LocalEndPoint => _socket.LocalEndPoint ?? Address.EndPoint;

    /// <summary>Binds and listens.</summary>
    /// <param name="address">Where.</param>
    /// <param name="socketMode">The access rights of a Unix socket.</param>
    /// <exception cref="VpnWsException">The address is in use, unknown or not ours.</exception>
    public static Listener Open(ListenAddress address, UnixFileMode socketMode)
    {
        if (address.Listening is { } socket) return new Listener(socket, address);
        try
        {
            return address.Path is null ? OpenTcp(address) : OpenUnix(address, address.Path, socketMode);
        }
        catch (SocketException e)
        {
            throw Explain(address, e);
        }
    }

    /// <summary>Accepts connections until disposed; out of descriptors or memory it pauses instead of spinning, and the last descriptors are kept back.</summary>
    /// <param name="accepted">Takes each connection; must not wait.</param>
    /// <param name="faulted">Told once when accepting starts to fail.</param>
    public async Task RunAsync(Action<Socket> accepted, Action<string> faulted)
    {
        var failing = false;
        while (true)
        {
            try
            {
                var socket = await _socket.AcceptAsync().ConfigureAwait(false);
                if (!DescriptorReserve.Includes(socket))
                {
                    failing = false;
                    accepted(socket);
                    continue;
                }

                socket.Dispose();
                if (!failing) faulted($"turning connections on {Address} away: the limit of open files is reached (ulimit -n)");
                failing = true;
                await Task.Delay(Pause).ConfigureAwait(false);
            }
            catch (SocketException e) when (e.SocketErrorCode is not (SocketError.OperationAborted or SocketError.Interrupted or SocketError.NotSocket or SocketError.InvalidArgument))
            {
                if (e.SocketErrorCode is SocketError.ConnectionAborted or SocketError.ConnectionReset) continue;
                if (!failing) faulted($"cannot accept connections on {Address}: {e.Message}");
                failing = true;
                await Task.Delay(Pause).ConfigureAwait(false);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _socket.Dispose();
        if (_path is null) return;
        try
        {
            File.Delete(_path);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            // The right to do so was dropped; the next start replaces the stale file.
        }
    }

    private static Listener OpenTcp(ListenAddress address)
    {
        var endPoint = address.EndPoint is DnsEndPoint dns ? Resolve(address, dns) : (IPEndPoint)address.EndPoint;
        // ":port" is for both families where the system has both; the C server knew IPv4 only.
        var both = endPoint.Address.Equals(IPAddress.Any) && address.Text[0] == ':' && Socket.OSSupportsIPv6;
        try
        {
            return ListenTcp(address, both ? new IPEndPoint(IPAddress.IPv6Any, endPoint.Port) : endPoint, both);
        }
        catch (SocketException e) when (both && e.SocketErrorCode is SocketError.AddressFamilyNotSupported or SocketError.AddressNotAvailable)
        {
            return ListenTcp(address, endPoint, false);
        }
    }

    private static Listener ListenTcp(ListenAddress address, IPEndPoint endPoint, bool both)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endPoint.AddressFamily == AddressFamily.InterNetworkV6) socket.DualMode = both;
            // A restart is not kept out by connections of the last run that linger. The framework's own option would add SO_REUSEPORT,
            // and with it a second server on the same port.
            if (OperatingSystem.IsLinux()) socket.SetRawSocketOption(SolSocket, SoReuseAddress, BitConverter.GetBytes(1));
            socket.Bind(endPoint);
            socket.Listen(Backlog);
            return new Listener(socket, address);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static IPEndPoint Resolve(ListenAddress address, DnsEndPoint dns)
    {
        var found = Dns.GetHostAddresses(dns.Host);
        return found.Length > 0
            ? new IPEndPoint(found[0], dns.Port)
            : throw new VpnWsException(VpnWsFailure.Address, $"cannot listen on {address}: the name has no address");
    }

    private static Listener OpenUnix(ListenAddress address, string path, UnixFileMode mode)
    {
        RemoveStale(address, path);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(address.EndPoint);
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, mode);
            socket.Listen(Backlog);
            return new Listener(socket, address);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void RemoveStale(ListenAddress address, string path)
    {
        if (!Path.Exists(path)) return;
        if (!IsSocket(path)) throw new VpnWsException(VpnWsFailure.Address, $"cannot listen on {path}: there is a file of that name that is no socket");
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            using var timeout = new CancellationTokenSource(ProbeTimeout);
            probe.ConnectAsync(address.EndPoint, timeout.Token).AsTask().GetAwaiter().GetResult();
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
            return;
        }
        catch (OperationCanceledException)
        {
            // Somebody holds it and is too busy to accept: alive.
        }

        throw new VpnWsException(VpnWsFailure.AddressInUse, $"cannot listen on {path}: another program is listening there; stop it or choose another path");
    }

    private static bool IsSocket(string path) =>
        (File.GetAttributes(path) & FileAttributes.Directory) == 0 && UnixFile.IsSocket(path);

    private static VpnWsException Explain(ListenAddress address, SocketException e) => e.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => new VpnWsException(VpnWsFailure.AddressInUse, $"cannot listen on {address}: the port is in use by another program", e),
        SocketError.AccessDenied => new VpnWsException(VpnWsFailure.Address, $"cannot listen on {address}: permission denied; use a port from 1024 on or a directory that you may write to, or run as root", e),
        SocketError.AddressNotAvailable => new VpnWsException(VpnWsFailure.Address, $"cannot listen on {address}: this machine has no such address, or the directory does not exist", e),
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => new VpnWsException(VpnWsFailure.Address, $"cannot listen on {address}: the name cannot be resolved", e),
        _ => new VpnWsException(VpnWsFailure.Address, $"cannot listen on {address}: {e.Message}", e),
    };
}
