using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using VpnWs.Client;
using VpnWs.Tests.Transport;
using VpnWs.Tests.WebSockets;
using VpnWs.Transport;
using VpnWs.WebSockets;

namespace VpnWs.Tests.Client;

/// <summary>Whom a client trusts, and what it shows.</summary>
[Collection(InProcess.Name)]
public sealed class TlsTests : IAsyncDisposable
{
    private readonly FakeServer _server = new();
    private readonly TestCertificates _authority = new("vpn-ws test authority");
    private readonly TestCertificates _stranger = new("another authority");

    [Fact]
    public async Task A_certificate_of_the_trusted_authority_for_the_host_is_accepted_and_frames_flow()
    {
        var station = await Start(Trusting(_authority));
        var (peer, tls) = (await AcceptTls(_authority.Issue("server", ["127.0.0.1"])))!.Value;
        Assert.Null(tls.RemoteCertificate);
        var first = Ether.Frame(station.Mac, Ether.Mac(9), 3000);
        await peer.Send(FakeServer.Welcome(peer), Wire.Frame(Opcode.Binary, first));
        await station.Tap.Expect(first);
        for (var i = 1; i < 100; i++) station.Send(Ether.Mac(9), 14 + (i * 300), i);
        for (var i = 1; i < 100; i++) await peer.Expect(Ether.Frame(Ether.Mac(9), station.Mac, 14 + (i * 300), i));
    }

    [Theory]
    [InlineData("unknown authority")]
    [InlineData("wrong host name")]
    [InlineData("expired")]
    [InlineData("system's authorities")]
    public async Task Any_other_certificate_is_refused(string what)
    {
        var station = await Start(what == "system's authorities" ? null : Trusting(_authority));
        var accepting = AcceptTls(what switch
        {
            "unknown authority" => _stranger.Issue("server", ["127.0.0.1"]),
            "wrong host name" => _authority.Issue("vpn.example.org", ["vpn.example.org", "127.0.0.2"]),
            "expired" => _authority.Issue("server", ["127.0.0.1"], expired: true),
            _ => _authority.Issue("server", ["127.0.0.1"]),
        });
        var error = await Assert.ThrowsAsync<VpnWsException>(() => Eventually.Within("the client ends", station.Client.Completion));
        Assert.Equal(VpnWsFailure.Certificate, error.Failure);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Null(await accepting);
    }

    [Fact]
    public async Task Without_verification_anything_goes()
    {
        var station = await Start(options => options with { VerifyCertificate = false });
        Assert.NotNull(await AcceptTls(_stranger.Issue("server", ["vpn.example.org"])));
    }

    [Fact]
    public async Task The_clients_certificate_is_shown()
    {
        var shown = _authority.Issue("alice");
        var station = await Start(options => Trusting(_authority)(options) with { ClientCertificate = shown });
        var (_, tls) = (await AcceptTls(_authority.Issue("server", ["127.0.0.1"]), wantsCertificate: true))!.Value;
        Assert.Equal("CN=alice", tls.RemoteCertificate?.Subject);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _authority.Dispose();
        _stranger.Dispose();
    }

    private static Func<VpnWsClientOptions, VpnWsClientOptions> Trusting(TestCertificates authority) =>
        options => options with { TrustedAuthorities = [authority.Authority] };

    private async Task<Station> Start(Func<VpnWsClientOptions, VpnWsClientOptions>? with) => _server.Keep(await Station.Start(
        new Uri($"wss://127.0.0.1:{_server.Port}/"), Ether.Mac(1), options => with?.Invoke(options with { Reconnect = false }) ?? options with { Reconnect = false }));

    private Task<(RawPeer Peer, SslStream Tls)?> AcceptTls(X509Certificate2 certificate, bool wantsCertificate = false) => _server.AcceptTls(new SslServerAuthenticationOptions
    {
        ServerCertificate = certificate,
        ClientCertificateRequired = wantsCertificate,
        RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null == wantsCertificate,
    });
}
