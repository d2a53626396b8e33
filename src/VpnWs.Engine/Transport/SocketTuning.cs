using System.Net.Sockets;

namespace VpnWs.Transport;

/// <summary>The socket options of every connection that carries frames.</summary>
internal static class SocketTuning
{
    private const int IPProtocolTcp = 6;
    private const int TcpUserTimeout = 18;
    private const int TcpNotSentLowAt = 25;

    /// <summary>How many bytes the kernel may hold unsent (TCP_NOTSENT_LOWAT): enough for one super-frame on its way while the next is made, few enough that a small frame does not queue behind many.</summary>
    private const int NotSentBytes = 128 * 1024;

    /// <summary>The kernel refuses longer times between keepalive probes (MAX_TCP_KEEPIDLE).</summary>
    private const int MaxSeconds = 32_767;

    /// <summary>Sends small frames at once, keeps the unsent queue short, and lets the kernel end a connection whose bytes stay unacknowledged.</summary>
    /// <param name="socket">A TCP socket; others are left as they are.</param>
    /// <param name="timeout">How long sent bytes may stay unacknowledged, and how long an idle other end may leave probes unanswered (RFC 5482, RFC 9293 section 3.8.4).</param>
    public static void Apply(Socket socket, TimeSpan timeout)
    {
        if (socket.ProtocolType != ProtocolType.Tcp) return;
        socket.NoDelay = true;
        var seconds = (int)Math.Clamp(timeout.TotalSeconds, 3, MaxSeconds);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, Math.Max(1, seconds / 2));
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, Math.Max(1, seconds / 6));
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
        if (!OperatingSystem.IsLinux()) return;
        Set(socket, TcpUserTimeout, seconds * 1000);
        Set(socket, TcpNotSentLowAt, NotSentBytes);
    }

    private static void Set(Socket socket, int option, int value) =>
        socket.SetRawSocketOption(IPProtocolTcp, option, BitConverter.GetBytes(value));
}
