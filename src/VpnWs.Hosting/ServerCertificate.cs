using System.Globalization;
using System.Net.Security;

namespace VpnWs.Hosting;

/// <summary>Makes what TLS needs at the server's end of the files that the options name.</summary>
/// <param name="CertificatePath">The certificate: PEM, intermediate ones after it, or PKCS #12 with its key.</param>
/// <param name="KeyPath">The PEM key; null where it is in the certificate's file.</param>
/// <param name="PasswordPath">A file whose first line is the key's password; null where it has none.</param>
/// <param name="ClientAuthoritiesPath">The authorities one of which must have signed the client's certificate; null where clients need none.</param>
internal sealed record ServerCertificate(string CertificatePath, string? KeyPath, string? PasswordPath, string? ClientAuthoritiesPath)
{
    /// <summary>What stands before the names of these options.</summary>
    public const string OptionPrefix = "--tls-";

    /// <summary>The cipher suites to take, best first; none for those that OpenSSL is configured for.</summary>
    public IReadOnlyList<TlsCipherSuite> Suites { get; init; } = TlsSuites.Preferred;

    /// <summary>Reads the files.</summary>
    /// <param name="now">The time at which the certificate must be valid.</param>
    /// <exception cref="ProgramException">A file is missing, unreadable or wrong, or the certificate is not valid now.</exception>
    public SslServerAuthenticationOptions Load(DateTimeOffset now)
    {
        var own = CertificateFiles.LoadWithKey(CertificatePath, KeyPath, PasswordPath, OptionPrefix);
        if (own.Certificate.NotAfter < now) throw Invalid("expired at", own.Certificate.NotAfter);
        if (own.Certificate.NotBefore > now) throw Invalid("is not valid before", own.Certificate.NotBefore);
        var authorities = ClientAuthoritiesPath is null ? null : CertificateFiles.LoadAuthorities(ClientAuthoritiesPath);
        if (authorities?.All(authority => authority.NotAfter < now) == true) throw new ProgramException($"every authority in {ClientAuthoritiesPath} has expired, so that no client could come in");
        return ServerTls.Options(own.Certificate, own.Chain, authorities, Suites);
    }

    private ProgramException Invalid(string how, DateTime when) =>
        new(string.Create(CultureInfo.InvariantCulture, $"the certificate in {CertificatePath} {how} {when:yyyy-MM-dd HH:mm:ss}"));
}
