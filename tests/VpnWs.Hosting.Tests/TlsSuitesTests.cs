using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using VpnWs.Hosting;

namespace VpnWs.Tests.Hosting;

/// <summary>Whatever a client likes best, the server takes what it likes best of it.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class TlsSuitesTests
{
    private static readonly TlsCipherSuite[] StrongestFirst =
    [
        TlsCipherSuite.TLS_AES_256_GCM_SHA384, TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256, TlsCipherSuite.TLS_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    ];

    [Theory]
    [InlineData(SslProtocols.Tls13, TlsCipherSuite.TLS_AES_128_GCM_SHA256, TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256)]
    [InlineData(SslProtocols.Tls12, TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256)]
    public async Task By_default_the_cheapest_is_taken(SslProtocols version, TlsCipherSuite cheapest, TlsCipherSuite whereTheProcessorKnowsNoAes)
    {
        var knowsAes = TlsSuites.Preferred[0] == TlsCipherSuite.TLS_AES_128_GCM_SHA256;
        Assert.Equal(knowsAes ? cheapest : whereTheProcessorKnowsNoAes, await Negotiate(TlsSuites.Preferred, version));
    }

    [Theory]
    [InlineData("TLS_CHACHA20_POLY1305_SHA256,TLS_AES_128_GCM_SHA256", TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256)]
    [InlineData("TLS_AES_256_GCM_SHA384", TlsCipherSuite.TLS_AES_256_GCM_SHA384)]
    public async Task What_was_asked_for_is_taken(string list, TlsCipherSuite expected) =>
        Assert.Equal(expected, await Negotiate(TlsSuites.Parse(list), SslProtocols.Tls13));

    [Fact]
    public async Task Nothing_else_is_taken() =>
        await Assert.ThrowsAsync<AuthenticationException>(() => Negotiate(TlsSuites.Parse("TLS_AES_128_GCM_SHA256"), SslProtocols.Tls12));

    [Fact]
    public async Task OpenSSL_decides_where_it_is_told_to()
    {
        Assert.Null(TlsSuites.Policy(TlsSuites.Parse("system")));
        Assert.Contains(await Negotiate(TlsSuites.Parse("system"), SslProtocols.Tls13), StrongestFirst);
    }

    [Fact]
    public void Each_has_forward_secrecy() => Assert.All(TlsSuites.Preferred, suite =>
        Assert.True($"{suite}".Contains("DHE_", StringComparison.Ordinal) || !$"{suite}".Contains("_WITH_", StringComparison.Ordinal), $"{suite}"));

    [Theory]
    [InlineData("")]
    [InlineData("TLS_AES_128_GCM_SHA256,")]
    [InlineData("4865")]
    [InlineData("tls_aes_128_gcm_sha256")]
    [InlineData("TLS_NULL_WITH_NULL_NULL")]
    [InlineData("TLS_RSA_WITH_AES_128_GCM_SHA256")]
    public void What_no_server_should_take_is_no_suite(string list)
    {
        var error = Assert.Throws<FormatException>(() => TlsSuites.Parse(list));
        Assert.Contains("is none of the TLS suites that can be asked for: ", error.Message, StringComparison.Ordinal);
        Assert.EndsWith(", or system", error.Message, StringComparison.Ordinal);
    }

    private static async Task<TlsCipherSuite> Negotiate(IReadOnlyList<TlsCipherSuite> suites, SslProtocols version)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=vpn", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint, TestContext.Current.CancellationToken);
        using var accepted = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        await using var ours = new SslStream(accepted.GetStream());
        await using var theirs = new SslStream(client.GetStream());
        var serving = ours.AuthenticateAsServerAsync(ServerTls.Options(certificate, [], null, suites), TestContext.Current.CancellationToken);
        var asking = theirs.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "vpn",
                EnabledSslProtocols = version,
                CipherSuitesPolicy = new CipherSuitesPolicy(StrongestFirst),
                RemoteCertificateValidationCallback = (_, shown, _, _) => certificate.Equals(shown),
            },
            TestContext.Current.CancellationToken);
        await Task.WhenAll(serving, asking);
        return ours.NegotiatedCipherSuite;
    }
}
