using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using VpnWs.Transport;

namespace VpnWs.Tests.Transport;

[SupportedOSPlatform("linux")]
[Collection(InProcess.Name)]
public sealed class SocketTuningTests
{
    private const int Tcp = 6;
    private const int UserTimeout = 18;
    private const int NotSentLowAt = 25;
    private const int NotSentBytes = 128 * 1024;

    [Fact]
    public void The_kernel_holds_little_that_is_unsent_and_gives_up_on_who_acknowledges_nothing()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        SocketTuning.Apply(socket, TimeSpan.FromSeconds(12));
        Assert.Equal(NotSentBytes, Get(socket, NotSentLowAt));
        Assert.Equal(12_000, Get(socket, UserTimeout));
        Assert.True(socket.NoDelay);
    }

    [Fact]
    public async Task Both_ends_of_a_connection_that_carries_frames_are_tuned()
    {
        await using var lan = await InProcessLan.Start();
        await lan.Join(Ether.Mac(1));
        Assert.Equal([NotSentBytes, NotSentBytes], ConnectionsAt(lan.Http.Port).Select(socket => Get(socket, NotSentLowAt)));
    }

    /// <summary>This process's own ends of TCP connections with that port at either end.</summary>
    private static IEnumerable<Socket> ConnectionsAt(int port)
    {
        foreach (var link in Directory.GetFiles("/proc/self/fd"))
        {
            if (new FileInfo(link).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) != true) continue;
            var socket = new Socket(new SafeSocketHandle(int.Parse(Path.GetFileName(link), CultureInfo.InvariantCulture), ownsHandle: false));
            if (socket is { Connected: true, LocalEndPoint: IPEndPoint local, RemoteEndPoint: IPEndPoint remote } && (local.Port == port || remote.Port == port))
                yield return socket;
        }
    }

    private static int Get(Socket socket, int option)
    {
        var value = new byte[4];
        Assert.Equal(4, socket.GetRawSocketOption(Tcp, option, value));
        return BitConverter.ToInt32(value);
    }
}
