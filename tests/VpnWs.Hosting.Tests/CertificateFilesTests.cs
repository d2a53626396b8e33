using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using VpnWs.Hosting;

namespace VpnWs.Tests.Hosting;

public sealed class CertificateFilesTests : IDisposable
{
    private const string Password = "open sesame";

    private readonly Scratch _scratch = new();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _own;
    private readonly X509Certificate2 _authority;

    public CertificateFilesTests()
    {
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var authority = SelfSigned("CN=authority", authorityKey);
        _authority = X509CertificateLoader.LoadCertificate(authority.RawData);
        _own = SelfSigned("CN=me", _key);
    }

    public void Dispose()
    {
        _own.Dispose();
        _authority.Dispose();
        _key.Dispose();
        _scratch.Dispose();
    }

    [Fact]
    public void Certificate_and_key_are_read_from_two_files() => AssertOwn(Load(Certificate(), Key()));

    [Fact]
    public void Certificate_and_key_are_read_from_one_file_in_either_order()
    {
        AssertOwn(Load(_scratch.Write("a.pem", _own.ExportCertificatePem() + "\n" + _key.ExportPkcs8PrivateKeyPem())));
        AssertOwn(Load(_scratch.Write("b.pem", _key.ExportECPrivateKeyPem() + "\n" + _own.ExportCertificatePem())));
    }

    [Fact]
    public void An_rsa_key_is_read_in_both_of_its_forms()
    {
        using var key = RSA.Create(2048);
        using var certificate = new CertificateRequest("CN=me", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var file = _scratch.Write("rsa.crt", certificate.ExportCertificatePem());
        Assert.NotNull(Load(file, _scratch.Write("1.key", key.ExportRSAPrivateKeyPem())).Certificate.GetRSAPrivateKey());
        Assert.NotNull(Load(file, _scratch.Write("8.key", key.ExportPkcs8PrivateKeyPem())).Certificate.GetRSAPrivateKey());
    }

    [Fact]
    public void Intermediate_certificates_come_along()
    {
        var loaded = Load(_scratch.Write("chain.pem", _own.ExportCertificatePem() + "\n" + _authority.ExportCertificatePem()), Key());
        AssertOwn(loaded);
        Assert.Equal(_authority.Thumbprint, Assert.Single(loaded.Chain).Thumbprint);
    }

    [Fact]
    public void An_encrypted_key_opens_with_the_first_line_of_the_password_file()
    {
        AssertOwn(Load(Certificate(), EncryptedKey(), _scratch.Write("pw", Password + "\r\nnot this\n")));
        AssertOwn(Load(Certificate(), EncryptedKey(), _scratch.Write("pw", Password)));
    }

    [Theory]
    [InlineData("me.p12")]
    [InlineData("me.pfx")]
    [InlineData("no-matter.what")]
    public void A_pkcs12_file_is_known_by_what_is_in_it(string name)
    {
        var all = new X509Certificate2Collection { _authority, _own };
        var loaded = Load(_scratch.Write(name, all.Export(X509ContentType.Pkcs12, Password)!), password: _scratch.Write("pw", Password));
        AssertOwn(loaded);
        Assert.Contains(_authority.Thumbprint, loaded.Chain.Select(c => c.Thumbprint));
    }

    [Fact]
    public void A_pkcs12_file_without_a_password_needs_none() => AssertOwn(Load(_scratch.Write("me.p12", _own.Export(X509ContentType.Pkcs12))));

    [Fact]
    public void A_missing_file_is_named()
    {
        var missing = _scratch.Path("missing");
        AssertError($"cannot read {missing}: there is no such file", () => Load(missing, Key()));
        AssertError($"cannot read {missing}: there is no such file", () => Load(Certificate(), missing));
        AssertError($"cannot read {missing}: there is no such file", () => Load(Certificate(), EncryptedKey(), missing));
        AssertError($"cannot read {missing}: there is no such file", () => CertificateFiles.LoadAuthorities(missing));
        AssertError($"cannot read {_scratch.Folder}: it is a directory", () => CertificateFiles.LoadAuthorities(_scratch.Folder));
    }

    [Fact]
    public void A_key_of_another_certificate_is_told()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var otherKind = RSA.Create(2048);
        var key = _scratch.Write("other.key", other.ExportPkcs8PrivateKeyPem());
        AssertError($"the key in {key} is damaged or does not belong to the certificate in {Certificate()}", () => Load(Certificate(), key));
        key = _scratch.Write("rsa.key", otherKind.ExportPkcs8PrivateKeyPem());
        AssertError($"the key in {key} is damaged or does not belong to the certificate in {Certificate()}", () => Load(Certificate(), key));
    }

    [Fact]
    public void An_encrypted_key_without_the_password_says_what_to_do()
    {
        AssertError($"the key in {EncryptedKey()} is encrypted; give its password with --password-file", () => Load(Certificate(), EncryptedKey()));
        AssertError(
            $"the key in {EncryptedKey()} is damaged or does not belong to the certificate in {Certificate()}, or the password is wrong",
            () => Load(Certificate(), EncryptedKey(), _scratch.Write("pw", "wrong")));
        var old = _scratch.Write("old.key", "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n");
        AssertError(
            $"the key in {old} is encrypted in an outdated way; convert it: openssl pkcs8 -topk8 -in {old} -out NEW.key",
            () => Load(Certificate(), old, _scratch.Write("pw", Password)));
    }

    [Fact]
    public void What_is_not_in_a_file_is_told()
    {
        AssertError($"there is no private key in {Certificate()}; name its file with --key", () => Load(Certificate()));
        AssertError($"there is no private key in {Certificate()}", () => Load(_scratch.Write("c2.crt", _own.ExportCertificatePem()), Certificate()));
        AssertError($"there is no certificate in {Key()}", () => Load(Key(), Key()));
        AssertError($"there is no certificate in {Key()}", () => CertificateFiles.LoadAuthorities(Key()));
    }

    [Fact]
    public void A_damaged_file_is_told()
    {
        var damaged = _scratch.Write("bad.crt", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        AssertError($"cannot read a certificate from {damaged}", () => Load(damaged, Key()));
        AssertError($"cannot read a certificate from {damaged}", () => CertificateFiles.LoadAuthorities(damaged));
        var noise = _scratch.Write("noise", [1, 2, 3]);
        AssertError($"cannot read {noise}: it is neither PEM nor PKCS #12, or it has a password (--password-file)", () => Load(noise));
        AssertError($"cannot read a certificate from {noise}", () => CertificateFiles.LoadAuthorities(noise));
        AssertError($"{noise} is no PEM file; a PKCS #12 file brings its own key, so leave out --key", () => Load(noise, Key()));
    }

    [Fact]
    public void A_wrong_password_of_a_pkcs12_file_is_told()
    {
        var file = _scratch.Write("me.p12", _own.Export(X509ContentType.Pkcs12, Password));
        AssertError($"cannot read {file}: it is neither PEM nor PKCS #12, or it has a password (--password-file)", () => Load(file));
        AssertError($"cannot read {file}: it is neither PEM nor PKCS #12, or the password is wrong", () => Load(file, password: _scratch.Write("pw", "wrong")));
    }

    [Fact]
    public void Authorities_are_read_in_pem_and_der()
    {
        var bundle = _scratch.Write("ca.pem", "words before\n" + _authority.ExportCertificatePem() + "\n" + _own.ExportCertificatePem());
        Assert.Equal([_authority.Thumbprint, _own.Thumbprint], CertificateFiles.LoadAuthorities(bundle).Select(c => c.Thumbprint));
        Assert.Equal(_authority.Thumbprint, Assert.Single(CertificateFiles.LoadAuthorities(_scratch.Write("ca.der", _authority.RawData))).Thumbprint);
    }

    private static X509Certificate2 SelfSigned(string subject, ECDsa key) =>
        new CertificateRequest(subject, key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));

    private static CertificateWithKey Load(string certificate, string? key = null, string? password = null) =>
        CertificateFiles.LoadWithKey(certificate, key, password);

    private static void AssertError(string message, Func<object> load)
    {
        var error = Assert.Throws<ProgramException>(load);
        Assert.Equal((ExitCode.Failed, message), (error.Code, error.Message));
    }

    private void AssertOwn(CertificateWithKey loaded)
    {
        Assert.Equal(_own.Thumbprint, loaded.Certificate.Thumbprint);
        Assert.True(loaded.Certificate.HasPrivateKey);
        using var key = loaded.Certificate.GetECDsaPrivateKey()!;
        byte[] words = [1, 2, 3];
        Assert.True(_key.VerifyData(words, key.SignData(words, HashAlgorithmName.SHA256), HashAlgorithmName.SHA256));
    }

    private string Certificate() => _scratch.Write("me.crt", _own.ExportCertificatePem());

    private string Key() => _scratch.Write("me.key", _key.ExportPkcs8PrivateKeyPem());

    private string EncryptedKey() => _scratch.Write(
        "locked.key",
        _key.ExportEncryptedPkcs8PrivateKeyPem(Password, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 10_000)));
}
