using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using VpnWs.Hosting;

namespace VpnWs.Tests.Hosting;

public sealed class ServerCertificateTests : IDisposable
{
    private static readonly DateTimeOffset From = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Until = From.AddDays(10);

    private readonly Scratch _scratch = new();
    private readonly string _certificate;
    private readonly string _key;

    public ServerCertificateTests()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=vpn", key, HashAlgorithmName.SHA256).CreateSelfSigned(From, Until);
        _certificate = _scratch.Write("vpn.crt", certificate.ExportCertificatePem());
        _key = _scratch.Write("vpn.key", key.ExportPkcs8PrivateKeyPem());
    }

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void A_client_certificate_is_asked_for_where_authorities_are_named()
    {
        Assert.False(new ServerCertificate(_certificate, _key, null, null).Load(From.AddDays(1)).ClientCertificateRequired);
        var options = new ServerCertificate(_certificate, _key, null, _certificate).Load(From.AddDays(1));
        Assert.True(options.ClientCertificateRequired);
        Assert.Single(options.CertificateChainPolicy!.CustomTrustStore);
    }

    [Theory]
    [InlineData(11, "expired at 2030-01-11")]
    [InlineData(-1, "is not valid before 2030-01-01")]
    public void A_certificate_out_of_its_time_is_refused(int day, string says)
    {
        var error = Assert.Throws<CertificateTimeException>(() => new ServerCertificate(_certificate, _key, null, null).Load(From.AddDays(day)));
        Assert.StartsWith($"the certificate in {_certificate} {says}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Messages_name_the_servers_options()
    {
        var error = Assert.Throws<ProgramException>(() => new ServerCertificate(_certificate, null, null, null).Load(From.AddDays(1)));
        Assert.EndsWith("name its file with --tls-key", error.Message, StringComparison.Ordinal);
    }
}
