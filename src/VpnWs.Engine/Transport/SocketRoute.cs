using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;

namespace VpnWs.Transport;

/// <summary>How a connection of our own leaves this machine where the routing table alone shall not decide.</summary>
/// <param name="Interface">The interface that it is bound to (SO_BINDTODEVICE), or null.</param>
/// <param name="Mark">The mark of its packets (SO_MARK), which rules of policy routing look at, or null.</param>
internal sealed record SocketRoute(string? Interface, uint? Mark)
{
    private const int SolSocket = 1;
    private const int SoBindToDevice = 25;
    private const int SoMark = 36;

    /// <summary>Prepares a socket before it is connected.</summary>
    /// <exception cref="VpnWsException">There is no such interface, the rights for it are missing, or this is not Linux.</exception>
    public void Apply(Socket socket)
    {
        if (Interface is null && Mark is null) return;
        if (!OperatingSystem.IsLinux()) throw new VpnWsException(VpnWsFailure.Unreachable, "a connection can be bound to an interface or marked on Linux only");
        if (Interface is not null) Set(socket, SoBindToDevice, Encoding.UTF8.GetBytes(Interface + '\0'), $"cannot go out through the interface {Interface}");
        if (Mark is { } mark) Set(socket, SoMark, BitConverter.GetBytes(mark), FormattableString.Invariant($"cannot mark the connection with {mark}"));
    }

    /// <summary>The address of this machine from which another is reached at the moment; null where there is no way to it.</summary>
    public IPAddress? SourceTowards(IPEndPoint target)
    {
        try
        {
            // Connecting a datagram socket asks the routing table and sends nothing.
            using var probe = new Socket(target.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            Apply(probe);
            probe.Connect(target);
            return (probe.LocalEndPoint as IPEndPoint)?.Address;
        }
        catch (Exception e) when (e is SocketException or VpnWsException)
        {
            return null;
        }
    }

    /// <summary>The interface that has an address, or null.</summary>
    public static string? InterfaceOf(IPAddress address)
    {
        try
        {
            return NetworkInterface.GetAllNetworkInterfaces()
                .FirstOrDefault(candidate => candidate.GetIPProperties().UnicastAddresses.Any(known => known.Address.Equals(address)))?.Id;
        }
        catch (NetworkInformationException)
        {
            // It changed while it was looked at; another change is told.
            return null;
        }
    }

    private static void Set(Socket socket, int option, byte[] value, string what)
    {
        try
        {
            socket.SetRawSocketOption(SolSocket, option, value);
        }
        catch (SocketException e)
        {
            var why = e.SocketErrorCode == SocketError.AccessDenied ? "that needs CAP_NET_ADMIN or CAP_NET_RAW" : option == SoBindToDevice ? "there is none of that name" : e.Message;
            throw new VpnWsException(VpnWsFailure.Unreachable, $"{what}: {why}", e);
        }
    }
}
