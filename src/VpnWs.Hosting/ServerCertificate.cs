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
    public SslServerAuthenticationOptions Load(DateTimeOffset now) =>
        ServerTls.Load(CertificateFiles.LoadWithKey(CertificatePath, KeyPath, PasswordPath, OptionPrefix), $"in {CertificatePath}", ClientAuthoritiesPath, Suites, now);
}
