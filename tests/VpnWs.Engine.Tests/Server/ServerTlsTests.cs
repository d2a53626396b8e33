using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using VpnWs.Client;
using VpnWs.Server;
using VpnWs.Tests.Client;
using VpnWs.Tests.Transport;
using VpnWs.Transport;

namespace VpnWs.Tests.Server;

/// <summary>The server's own TLS, with our client at the other end.</summary>
[Collection(InProcess.Name)]
public sealed class ServerTlsTests : IDisposable
{
    private readonly TestCertificates _authority = new("vpn-ws test authority");
    private readonly TestCertificates _next = new("the next authority");

    [Fact]
    public async Task Frames_of_every_size_pass_between_clients_that_verify_the_certificate()
    {
        // No more at once than an outbox holds.
        const int batch = 10;
        await using var lan = await Start(() => Tls(_authority));
        var (a, b) = (await Join(lan, 1, _authority), await Join(lan, 2, _authority));
        Assert.All(lan.Server.GetPeers(), peer => Assert.Equal("https", peer.Transport));
        for (var start = 0; start < 200; start += batch)
        {
            for (var i = start; i < start + batch; i++)
            {
                a.Send(b.Mac, 60 + (i * 300), i);
                b.Send(a.Mac, 60 + (i * 250), i);
            }

            for (var i = start; i < start + batch; i++)
            {
                await b.Tap.Expect(Ether.Frame(b.Mac, a.Mac, 60 + (i * 300), i));
                await a.Tap.Expect(Ether.Frame(a.Mac, b.Mac, 60 + (i * 250), i));
            }
        }
    }

    [Fact]
    public async Task A_new_certificate_serves_from_the_next_connection_on_and_nobody_is_dropped()
    {
        var current = Tls(_authority);
        await using var lan = await Start(() => current);
        var a = await Join(lan, 1, _authority);
        current = Tls(_next);
        var b = await Join(lan, 2, _next);
        a.Send(b.Mac);
        await b.Tap.Expect(Ether.Frame(b.Mac, a.Mac));
        Assert.Empty(lan.Events.All<PeerLeft>());
    }

    [Fact]
    public async Task The_subject_of_a_client_certificate_is_the_peers_name()
    {
        await using var lan = await Start(() => Asking(SslProtocols.None));
        var known = _authority.Issue("client-one");
        var station = await lan.Join(Ether.Mac(1), options => Trusting(options, _authority) with { ClientCertificate = known });
        Assert.Equal("CN=client-one", lan.Info(station.Mac).DistinguishedName);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task A_client_that_is_refused_for_its_certificate_or_for_having_none_is_told_so(SslProtocols version)
    {
        await using var lan = await Start(() => Asking(version));
        var stranger = _next.Issue("client-one");
        foreach (var (shown, says) in (IEnumerable<(X509Certificate2?, string)>)[(stranger, "does not accept the client certificate"), (null, "asks for a client certificate")])
        {
            var refused = await Station.Start(lan.Uri, Ether.Mac(2), options => Trusting(options, _authority) with { ClientCertificate = shown, Reconnect = false });
            var error = await Assert.ThrowsAsync<VpnWsException>(() => Eventually.Within("the client gives up", refused.Client.Completion));
            Assert.Equal(VpnWsFailure.Certificate, error.Failure);
            Assert.Contains(says, error.Message, StringComparison.Ordinal);
            await refused.DisposeAsync();
        }

        // That a server asks is not held against one that is not trusted itself.
        var distrustful = await Station.Start(lan.Uri, Ether.Mac(3), options => Trusting(options, _next) with { Reconnect = false });
        var distrust = await Assert.ThrowsAsync<VpnWsException>(() => Eventually.Within("the client gives up", distrustful.Client.Completion));
        Assert.Contains("TLS with 127.0.0.1 failed", distrust.Message, StringComparison.Ordinal);
        await distrustful.DisposeAsync();
        await lan.Events.WaitFor<PeerRefused>(number: 3);
        Assert.Equal(0, lan.Server.PeerCount);
    }

    [Fact]
    public async Task What_is_no_TLS_is_refused()
    {
        await using var lan = await Start(() => Tls(_authority));
        var plain = await lan.Connect(lan.Http);
        await plain.Send(RawPeer.HttpHead(Ether.Mac(1)));
        await plain.ExpectEnd();
        var refused = await lan.Events.WaitFor<PeerRefused>();
        Assert.StartsWith("TLS: ", refused.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_never_ends_its_handshake_is_refused()
    {
        await using var lan = await InProcessLan.Start(options => options with
        {
            HttpTls = () => Tls(_authority),
            HandshakeTimeout = TimeSpan.FromMilliseconds(300),
        });
        var silent = await lan.Connect(lan.Http);
        await silent.ExpectEnd();
        var halting = await lan.Connect(lan.Http);
        await halting.Send([0x16, 3, 1, 2, 0, 1]);
        await halting.ExpectEnd();
        await lan.Events.WaitFor<PeerRefused>(event_ => event_.Reason.Contains("took too long", StringComparison.Ordinal), number: 2);
    }

    [Fact]
    public async Task A_request_that_is_no_WebSocket_is_answered_over_TLS()
    {
        await using var lan = await Start(() => Tls(_authority));
        using var socket = new System.Net.Sockets.TcpClient();
        await socket.ConnectAsync(lan.Http, TestContext.Current.CancellationToken);
        await using var tls = new SslStream(socket.GetStream());
        var options = new SslClientAuthenticationOptions { TargetHost = "127.0.0.1", CertificateChainPolicy = _authority.Trust() };
        await Eventually.Within("TLS is agreed", tls.AuthenticateAsClientAsync(options, TestContext.Current.CancellationToken));
        await tls.WriteAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        var answer = new MemoryStream();
        await Eventually.Within("the answer ends", tls.CopyToAsync(answer, TestContext.Current.CancellationToken));
        Assert.StartsWith("HTTP/1.1 426 ", Encoding.ASCII.GetString(answer.ToArray()), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _authority.Dispose();
        _next.Dispose();
    }

    private SslServerAuthenticationOptions Asking(SslProtocols version)
    {
        var tls = Tls(_authority);
        tls.ClientCertificateRequired = true;
        tls.CertificateChainPolicy = _authority.Trust();
        tls.EnabledSslProtocols = version;
        return tls;
    }

    private static SslServerAuthenticationOptions Tls(TestCertificates authority) =>
        new() { ServerCertificate = authority.Issue("server", ["127.0.0.1"]) };

    private static VpnWsClientOptions Trusting(VpnWsClientOptions options, TestCertificates authority) =>
        options with { TrustedAuthorities = [authority.Authority] };

    private static Task<InProcessLan> Start(Func<SslServerAuthenticationOptions> tls) => InProcessLan.Start(options => options with { HttpTls = tls });

    private static Task<Station> Join(InProcessLan lan, int number, TestCertificates authority) =>
        lan.Join(Ether.Mac(number), options => Trusting(options, authority));
}
