using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace VpnWs.Tests.Framework;

/// <summary>An authority of the test's own and what it signs, written as PEM files for the programs.</summary>
internal sealed class Certificates(Scratch scratch, string name) : IDisposable
{
    private static readonly DateTimeOffset From = DateTimeOffset.UtcNow.AddDays(-1);
    private static readonly DateTimeOffset Until = DateTimeOffset.UtcNow.AddDays(1);

    private readonly X509Certificate2 _authority = SelfSigned($"CN={name}");

    /// <summary>The authority's own certificate.</summary>
    public string AuthorityFile => scratch.Write($"{name}.pem", _authority.ExportCertificatePem());

    public KeyPair IssueServer(params IEnumerable<string> names)
    {
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var alternative in names)
        {
            if (IPAddress.TryParse(alternative, out var address)) alternatives.AddIpAddress(address);
            else alternatives.AddDnsName(alternative);
        }

        return Issue("server", alternatives.Build());
    }

    public KeyPair IssueClient(string commonName) => Issue(commonName, null);

    public void Dispose() => _authority.Dispose();

    private static X509Certificate2 SelfSigned(string subject)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        return request.CreateSelfSigned(From, Until);
    }

    private KeyPair Issue(string commonName, X509Extension? alternatives)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={commonName}", key, HashAlgorithmName.SHA256);
        if (alternatives is not null) request.CertificateExtensions.Add(alternatives);
        using var certificate = request.Create(_authority, From, Until, RandomNumberGenerator.GetBytes(8));
        using var withKey = certificate.CopyWithPrivateKey(key);
        var file = $"{name}-{commonName}";
        File.WriteAllBytes(scratch.PathOf($"{file}.p12"), withKey.Export(X509ContentType.Pkcs12));
        return new KeyPair(
            scratch.Write($"{file}.crt", certificate.ExportCertificatePem()),
            scratch.Write($"{file}.key", key.ExportPkcs8PrivateKeyPem()),
            scratch.PathOf($"{file}.p12"));
    }
}

/// <summary>The files of a certificate, its private key, and both in one without a password.</summary>
internal sealed record KeyPair(string CertificateFile, string KeyFile, string Pkcs12File);
