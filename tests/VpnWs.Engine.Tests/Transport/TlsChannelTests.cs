using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using VpnWs.Tests.Client;
using VpnWs.Transport;

namespace VpnWs.Tests.Transport;

/// <summary>TLS between real sockets, as the receive loop and the outbox use it.</summary>
[Collection(InProcess.Name)]
public sealed class TlsChannelTests : IAsyncDisposable
{
    private const int Much = 8 * 1024 * 1024;

    private readonly TestCertificates _authority = new("vpn-ws test authority");
    private readonly Socket _listening = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private SslStream? _client;
    private readonly EventLoops _loops = new(1);
    private TlsChannel? _server;

    [Fact]
    public async Task Whatever_is_sent_arrives_whole_and_in_order_also_where_the_kernel_is_slow_to_take_it()
    {
        var (channel, client) = await Connect(SslProtocols.Tls13);
        var sent = Bytes(Much);
        var reading = Read(client, Much, pause: TimeSpan.FromMilliseconds(1));
        var waits = 0;
        for (var (at, round) = (0, 0); at < Much; round++)
        {
            // As the outbox does it: what the kernel takes at once, then the rest in slices.
            var end = Math.Min(Much, at + (round % 3 == 0 ? 100 : 700_000));
            at += channel.TrySend(sent.AsSpan(at, end - at));
            for (; at < end; waits++)
            {
                var slice = Math.Min(64 * 1024, end - at);
                await Eventually.Within("a slice is sent", channel.SendAsync(sent.AsMemory(at, slice), TestContext.Current.CancellationToken).AsTask());
                at += slice;
            }
        }

        Assert.True(waits > 0, "The kernel took everything at once: nothing was tried.");
        Assert.Equal(sent, await reading);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task One_receive_brings_many_records(SslProtocols version)
    {
        var (channel, client) = await Connect(version);
        Assert.Equal(version, client.SslProtocol);
        var sent = Bytes(300_000);
        var received = new List<byte>();
        var receives = 0;
        var buffer = new byte[ReceiveBuffer.Size];
        var sending = client.WriteAsync(sent, TestContext.Current.CancellationToken).AsTask();
        while (received.Count < sent.Length)
        {
            Assert.Equal(0, await Eventually.Within("bytes are there", channel.WaitAsync(CancellationToken.None).AsTask()));
            // Lets the rest arrive, so that a receive can bring all of it.
            await Eventually.True("something waits in the socket", () => sending.IsCompleted);
            var count = await Eventually.Within("bytes are received", channel.ReceiveAsync(buffer, CancellationToken.None).AsTask());
            received.AddRange(buffer.AsSpan(0, count));
            receives++;
        }

        Assert.Equal(sent, received);
        Assert.InRange(receives, 1, 8);
    }

    [Fact]
    public async Task Records_of_a_byte_each_and_buffers_of_a_byte_each_are_no_trouble()
    {
        var (channel, client) = await Connect(SslProtocols.Tls13);
        var sent = Bytes(2000);
        for (var i = 0; i < 1000; i++) await client.WriteAsync(sent.AsMemory(i, 1), TestContext.Current.CancellationToken);
        await client.WriteAsync(sent.AsMemory(1000), TestContext.Current.CancellationToken);
        var received = new List<byte>();
        for (var size = 1; received.Count < sent.Length; size = 1 + (size % 50))
        {
            var buffer = new byte[size];
            await Eventually.Within("bytes are there", channel.WaitAsync(CancellationToken.None).AsTask());
            received.AddRange(buffer.AsSpan(0, await Eventually.Within("bytes are received", channel.ReceiveAsync(buffer, CancellationToken.None).AsTask())));
        }

        Assert.Equal(sent, received);
    }

    [Fact]
    public async Task Both_directions_at_once_do_not_disturb_each_other()
    {
        var (channel, client) = await Connect(SslProtocols.Tls13);
        var (up, down) = (Bytes(Much), Bytes(Much));
        var reading = Read(client, Much, TimeSpan.Zero);
        var writing = client.WriteAsync(up, TestContext.Current.CancellationToken).AsTask();
        var sending = Task.Run(() => channel.SendAsync(down, CancellationToken.None).AsTask(), TestContext.Current.CancellationToken);
        var received = new byte[Much];
        for (var at = 0; at < Much;)
        {
            await Eventually.Within("bytes are there", channel.WaitAsync(CancellationToken.None).AsTask());
            at += await Eventually.Within("bytes are received", channel.ReceiveAsync(received.AsMemory(at), CancellationToken.None).AsTask());
        }

        Assert.Equal(up, received);
        Assert.Equal(down, await reading);
        await Eventually.Within("all is sent", Task.WhenAll(writing, sending));
    }

    [Fact]
    public async Task The_end_of_either_direction_is_told_to_the_other_side()
    {
        var (channel, client) = await Connect(SslProtocols.Tls13);
        await channel.SendAsync("bye"u8.ToArray(), CancellationToken.None);
        await channel.ShutdownSendAsync();
        Assert.Equal("bye"u8.ToArray(), await Read(client, 3, TimeSpan.Zero));
        Assert.Equal(0, await Eventually.Within("the end", client.ReadAsync(new byte[1], TestContext.Current.CancellationToken).AsTask()));
        await client.WriteAsync("you too"u8.ToArray(), TestContext.Current.CancellationToken);
        await client.ShutdownAsync();
        var buffer = new byte[100];
        Assert.Equal(7, await Eventually.Within("bytes", channel.ReceiveAsync(buffer, CancellationToken.None).AsTask()));
        Assert.Equal(0, await Eventually.Within("the end", channel.ReceiveAsync(buffer, CancellationToken.None).AsTask()));
    }

    [Fact]
    public async Task Disposing_wakes_whoever_waits()
    {
        var (channel, _) = await Connect(SslProtocols.Tls13);
        var waiting = channel.WaitAsync(CancellationToken.None).AsTask();
        channel.Dispose();
        var error = await Record.ExceptionAsync(() => Eventually.Within("the wait ends", waiting));
        Assert.True(error is SocketException or IOException or ObjectDisposedException, $"{error}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_client is not null) await _client.DisposeAsync();
        _server?.Dispose();
        _listening.Dispose();
        _loops.Dispose();
        _authority.Dispose();
    }

    private static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }

    private static Task<byte[]> Read(SslStream from, int count, TimeSpan pause) => Task.Run(async () =>
    {
        var bytes = new byte[count];
        for (var at = 0; at < count;)
        {
            var part = Math.Min(50_000, count - at);
            await Eventually.Within("the other side reads", from.ReadExactlyAsync(bytes.AsMemory(at, part)).AsTask());
            at += part;
            if (pause > TimeSpan.Zero) await Task.Delay(pause);
        }

        return bytes;
    });

    private async Task<(TlsChannel Channel, SslStream Client)> Connect(SslProtocols version)
    {
        _listening.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listening.Listen();
        var near = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await near.ConnectAsync(_listening.LocalEndPoint!);
        var far = await _listening.AcceptAsync();
        _client = new SslStream(new NetworkStream(near, ownsSocket: true));
        var wanted = new SslClientAuthenticationOptions { TargetHost = "localhost", EnabledSslProtocols = version, CertificateChainPolicy = _authority.Trust() };
        var shaking = _client.AuthenticateAsClientAsync(wanted, TestContext.Current.CancellationToken);
        var options = new SslServerAuthenticationOptions { ServerCertificate = _authority.Issue("server", ["localhost"]) };
        _server = await Eventually.Within("TLS is agreed", TlsChannel.AcceptAsync(_loops.Open(far), options, TestContext.Current.CancellationToken));
        await Eventually.Within("TLS is agreed", shaking);
        return (_server, _client);
    }
}
