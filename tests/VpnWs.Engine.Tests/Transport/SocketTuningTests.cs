using System.Net.Sockets;
using System.Runtime.Versioning;
using VpnWs.Transport;

namespace VpnWs.Tests.Transport;

[SupportedOSPlatform("linux")]
public sealed class SocketTuningTests
{
    private const int Tcp = 6;
    private const int UserTimeout = 18;
    private const int NotSentLowAt = 25;

    [Fact]
    public void The_kernel_holds_little_that_is_unsent_and_gives_up_on_who_acknowledges_nothing()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        SocketTuning.Apply(socket, TimeSpan.FromSeconds(12));
        Assert.Equal(128 * 1024, Get(socket, NotSentLowAt));
        Assert.Equal(12_000, Get(socket, UserTimeout));
        Assert.True(socket.NoDelay);
    }

    private static int Get(Socket socket, int option)
    {
        var value = new byte[4];
        Assert.Equal(4, socket.GetRawSocketOption(Tcp, option, value));
        return BitConverter.ToInt32(value);
    }
}
