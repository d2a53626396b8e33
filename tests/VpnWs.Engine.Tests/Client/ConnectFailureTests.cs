using System.Net;
using System.Net.Sockets;
using System.Text;
using VpnWs.Client;
using VpnWs.Taps;
using VpnWs.Tests.Transport;
using VpnWs.Tests.WebSockets;
using VpnWs.Transport;
using VpnWs.WebSockets;

namespace VpnWs.Tests.Client;

/// <summary>Why there is no link, told by a client that does not try again.</summary>
[Collection(InProcess.Name)]
public sealed class ConnectFailureTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("401 Unauthorized", VpnWsFailure.Authentication, "authentication failed")]
    [InlineData("403 Forbidden", VpnWsFailure.Authentication, "forbidden")]
    [InlineData("404 Not Found", VpnWsFailure.Refused, "check the URL")]
    [InlineData("302 Found", VpnWsFailure.Refused, "redirects")]
    [InlineData("200 OK", VpnWsFailure.Refused, "does not offer a WebSocket")]
    [InlineData("502 Bad Gateway", VpnWsFailure.Refused, "cannot reach")]
    [InlineData("503 Service Unavailable", VpnWsFailure.Refused, "full or not ready")]
    public async Task Another_answer_than_an_upgrade_is_told_with_its_status(string status, VpnWsFailure failure, string words)
    {
        await using var server = new FakeServer();
        var station = server.Keep(await Start(server.Uri));
        var peer = await server.Accept();
        await peer.Send(FakeServer.Answer(status));
        var error = await Failure(station);
        Assert.Equal((failure, int.Parse(status[..3], System.Globalization.CultureInfo.InvariantCulture)), (error.Failure, error.StatusCode));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n")]
    [InlineData("")]
    public async Task A_wrong_or_missing_accept_is_no_WebSocket_server(string field)
    {
        await using var server = new FakeServer();
        var station = server.Keep(await Start(server.Uri));
        var peer = await server.Accept();
        await peer.Send(Encoding.ASCII.GetBytes($"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{field}\r\n"));
        var error = await Failure(station);
        Assert.Equal(VpnWsFailure.Protocol, error.Failure);
        Assert.Contains("Sec-WebSocket-Accept", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, station.Client.LinksMade);
        await peer.ExpectEnd();
    }

    [Theory]
    [InlineData("Sec-WebSocket-Protocol: chat\r\n", true)]
    [InlineData("Sec-WebSocket-Protocol: vpn-ws.offload.v1\r\n", false)]
    public async Task A_subprotocol_that_was_not_offered_is_refused(string field, bool offload)
    {
        await using var server = new FakeServer();
        var station = server.Keep(await Start(server.Uri, options => options with { Offload = offload }));
        await server.Welcome(field);
        Assert.Equal(VpnWsFailure.Protocol, (await Failure(station)).Failure);
    }

    [Fact]
    public async Task What_is_no_HTTP_is_a_broken_protocol()
    {
        await using var server = new FakeServer();
        var station = server.Keep(await Start(server.Uri));
        var peer = await server.Accept();
        await peer.Send(Encoding.ASCII.GetBytes("this is no HTTP\r\n\r\n"));
        Assert.Equal(VpnWsFailure.Protocol, (await Failure(station)).Failure);
    }

    [Fact]
    public async Task A_server_that_hangs_up_without_an_answer_is_a_broken_protocol()
    {
        // The platform's HTTP client tries a few times by itself.
        const int Attempts = 4;
        await using var server = new FakeServer();
        var station = server.Keep(await Start(server.Uri));
        for (var i = 0; i < Attempts; i++) (await server.Accept()).Dispose();
        Assert.Equal(VpnWsFailure.Protocol, (await Failure(station)).Failure);
    }

    [Fact]
    public async Task A_refused_connection_is_unreachable()
    {
        using var bound = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        bound.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await using var station = await Start(new Uri($"ws://127.0.0.1:{((IPEndPoint)bound.LocalEndPoint!).Port}/"));
        var error = await Failure(station);
        Assert.Equal(VpnWsFailure.Unreachable, error.Failure);
        Assert.Contains("127.0.0.1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_says_nothing_is_a_timeout()
    {
        await using var server = new FakeServer();
        var station = server.Keep(await Start(server.Uri, options => options with { Timeout = TimeSpan.FromSeconds(1) }));
        await server.Accept();
        Assert.Equal(VpnWsFailure.Timeout, (await Failure(station)).Failure);
    }

    [Fact]
    public async Task TLS_to_a_server_without_it_is_a_TLS_failure()
    {
        await using var server = new FakeServer();
        var station = server.Keep(await Start(new Uri($"wss://127.0.0.1:{server.Port}/")));
        var peer = await server.AcceptConnection();
        await peer.Send(FakeServer.Answer("400 Bad Request"));
        var error = await Failure(station);
        Assert.Equal(VpnWsFailure.Certificate, error.Failure);
        Assert.Contains("TLS", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lost_link_ends_a_client_that_does_not_reconnect()
    {
        await using var server = new FakeServer();
        var station = server.Keep(await Start(server.Uri));
        var peer = await server.Welcome();
        await station.Events.WaitFor<Connected>();
        await peer.Send(Wire.Frame(Opcode.Close, [0x03, 0xf0, .. "go away"u8]));
        var error = await Failure(station);
        Assert.Equal(VpnWsFailure.Closed, error.Failure);
        Assert.Contains("1008: go away", error.Message, StringComparison.Ordinal);
        Assert.False(station.Client.IsConnected);
    }

    [Fact]
    public async Task A_client_that_is_stopped_has_not_failed()
    {
        await using var server = new FakeServer();
        var station = server.Keep(await Start(server.Uri));
        await server.Accept();
        await Eventually.Within("the client stops", station.Client.StopAsync());
        await station.Client.Completion;
    }

    [Theory]
    [InlineData("bad name", "x")]
    [InlineData("Content-Type", "x")]
    public async Task A_header_that_cannot_be_sent_ends_the_client_even_one_that_reconnects(string name, string value)
    {
        await using var server = new FakeServer();
        var station = server.Keep(await Start(server.Uri, options => options with { Reconnect = true, Headers = [new(name, value)] }));
        Assert.Equal(VpnWsFailure.Other, (await Failure(station)).Failure);
    }

    [Fact]
    public async Task A_tap_that_is_gone_is_told_as_such()
    {
        using var tap = new FakeTap(Ether.Mac(1));
        tap.Go();
        await using var server = new FakeServer();
        var client = server.Keep(new VpnWsClient(Station.Options(server.Uri, tap) with { Reconnect = false }));
        await client.StartAsync(Token);
        var error = await Assert.ThrowsAsync<VpnWsException>(() => Eventually.Within("the client ends", client.Completion));
        Assert.Equal(VpnWsFailure.Tap, error.Failure);
    }

    [Fact]
    public void Options_that_make_no_sense_are_refused_at_once()
    {
        using var tap = new FakeTap(Ether.Mac(1));
        var good = Station.Options(new Uri("ws://127.0.0.1/"), tap);
        Assert.Throws<ArgumentException>(() => new VpnWsClient(good with { ExistingTap = null }));
        Assert.Throws<ArgumentException>(() => new VpnWsClient(good with { Tap = new TapOptions { Name = "x" } }));
        Assert.Throws<ArgumentException>(() => new VpnWsClient(good with { Uri = new Uri("ftp://127.0.0.1/") }));
        Assert.Throws<ArgumentException>(() => new VpnWsClient(good with { Uri = new Uri("vpn", UriKind.Relative) }));
    }

    private static Task<Station> Start(Uri uri, Func<VpnWsClientOptions, VpnWsClientOptions>? with = null) =>
        Station.Start(uri, Ether.Mac(1), options => with?.Invoke(options with { Reconnect = false }) ?? options with { Reconnect = false });

    private static Task<VpnWsException> Failure(Station station) =>
        Assert.ThrowsAsync<VpnWsException>(() => Eventually.Within("the client ends", station.Client.Completion));
}
