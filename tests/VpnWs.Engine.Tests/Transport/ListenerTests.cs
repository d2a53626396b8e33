using System.Net;
using System.Net.Sockets;
using VpnWs.Transport;

namespace VpnWs.Tests.Transport;

public sealed class ListenerTests : IDisposable
{
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vpn-ws-test-");

    private string SocketPath => Path.Combine(_folder.FullName, "s");

    [Fact]
    public async Task Connections_are_accepted_until_it_is_disposed()
    {
        var listener = Open("127.0.0.1:0");
        var accepted = new List<Socket>();
        var running = listener.RunAsync(accepted.Add, Assert.Fail);
        using (var one = await RawPeer.Connect(listener.LocalEndPoint))
        using (var two = await RawPeer.Connect(listener.LocalEndPoint))
            await Eventually.True("both are accepted", () => accepted.Count == 2);
        listener.Dispose();
        await Eventually.Within("the loop ends", running);
        accepted.ForEach(socket => socket.Dispose());
    }

    [Fact]
    public void A_port_in_use_is_an_error_that_says_so()
    {
        using var first = Open("127.0.0.1:0");
        var port = ((IPEndPoint)first.LocalEndPoint).Port;
        var error = Assert.Throws<VpnWsException>(() => Open($"127.0.0.1:{port}"));
        Assert.Equal(VpnWsFailure.AddressInUse, error.Failure);
        Assert.Contains($"127.0.0.1:{port}", error.Message, StringComparison.Ordinal);
        first.Dispose();
        Open($"127.0.0.1:{port}").Dispose();
    }

    [Fact]
    public void A_colon_and_a_port_listen_on_both_families()
    {
        using var listener = Open(":0");
        var port = ((IPEndPoint)listener.LocalEndPoint).Port;
        using var four = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        four.Connect(IPAddress.Loopback, port);
        if (!Socket.OSSupportsIPv6) return;
        using var six = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        six.Connect(IPAddress.IPv6Loopback, port);
    }

    [Fact]
    public void An_address_that_is_not_ours_is_an_error() =>
        Assert.Equal(VpnWsFailure.Address, Assert.Throws<VpnWsException>(() => Open("192.0.2.123:0")).Failure);

    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public void A_socket_file_has_the_mode_asked_for_and_goes_with_the_listener()
    {
        var listener = Open(SocketPath);
        Assert.Equal(Mode, File.GetUnixFileMode(SocketPath));
        listener.Dispose();
        Assert.False(Path.Exists(SocketPath));
    }

    [Fact]
    public void A_stale_socket_file_is_replaced()
    {
        MakeStaleSocket();
        Assert.True(Path.Exists(SocketPath));
        using var listener = Open(SocketPath);
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        client.Connect(new UnixDomainSocketEndPoint(SocketPath));
    }

    [Fact]
    public void A_live_socket_is_refused_and_stays()
    {
        using var first = Open(SocketPath);
        Assert.Equal(VpnWsFailure.AddressInUse, Assert.Throws<VpnWsException>(() => Open(SocketPath)).Failure);
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        client.Connect(new UnixDomainSocketEndPoint(SocketPath));
    }

    [Theory]
    [InlineData("file")]
    [InlineData("folder")]
    [InlineData("link to file")]
    public void What_is_no_socket_is_never_deleted(string kind)
    {
        var content = Path.Combine(_folder.FullName, "content");
        File.WriteAllText(content, "precious");
        if (kind == "folder") Directory.CreateDirectory(SocketPath);
        else if (kind == "file") File.Copy(content, SocketPath);
        else File.CreateSymbolicLink(SocketPath, content);

        Assert.Equal(VpnWsFailure.Address, Assert.Throws<VpnWsException>(() => Open(SocketPath)).Failure);
        Assert.True(Path.Exists(SocketPath));
        Assert.Equal("precious", File.ReadAllText(kind == "folder" ? content : SocketPath));
    }

    [Fact]
    public void A_folder_that_is_not_there_is_an_error() =>
        Assert.Equal(VpnWsFailure.Address, Assert.Throws<VpnWsException>(() => Open(Path.Combine(_folder.FullName, "no", "s"))).Failure);

    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    [InlineData(100_000)]
    [InlineData(100_000_000)]
    public void Connections_can_be_tuned_for_any_timeout(int seconds)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        SocketTuning.Apply(socket, TimeSpan.FromSeconds(seconds));
        Assert.True(socket.NoDelay);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static Listener Open(string address) => Listener.Open(ListenAddress.Parse(address), Mode);

    // What a killed server leaves behind. The framework's own socket would remove its file when it is disposed.
    private void MakeStaleSocket()
    {
        var moved = SocketPath + ".moved";
        using (var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            socket.Bind(new UnixDomainSocketEndPoint(moved));
            socket.Listen();
            File.Move(moved, SocketPath);
        }
    }
}
