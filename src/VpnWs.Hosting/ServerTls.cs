using System.Globalization;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace VpnWs.Hosting;

/// <summary>What TLS needs at the server's end. The PowerShell module is built with this file too.</summary>
internal static class ServerTls
{
    /// <summary>TLS 1.2 and 1.3 with a certificate that is valid now.</summary>
    /// <param name="own">The server's certificate, with its private key, and the intermediate authorities to show with it.</param>
    /// <param name="name">What messages call it, behind <c>the certificate</c>.</param>
    /// <param name="authoritiesPath">The file of those one of which must have signed the client's certificate; null where clients need none.</param>
    /// <param name="suites">The cipher suites to take, best first; none for those that OpenSSL is configured for.</param>
    /// <param name="now">The time at which the certificates must be valid.</param>
    /// <exception cref="CertificateTimeException">The certificate, or every authority, is not valid then.</exception>
    /// <exception cref="ProgramException">The authorities cannot be read.</exception>
    public static SslServerAuthenticationOptions Load(CertificateWithKey own, string name, string? authoritiesPath, IReadOnlyList<TlsCipherSuite> suites, DateTimeOffset now)
    {
        if (own.Certificate.NotAfter < now) throw Invalid(name, "expired at", own.Certificate.NotAfter);
        if (own.Certificate.NotBefore > now) throw Invalid(name, "is not valid before", own.Certificate.NotBefore);
        var authorities = authoritiesPath is null ? null : CertificateFiles.LoadAuthorities(authoritiesPath);
        if (authorities?.All(authority => authority.NotAfter < now) == true)
            throw new CertificateTimeException($"every authority in {authoritiesPath} has expired, so that no client could come in");
        return Options(own.Certificate, own.Chain, authorities, suites);
    }

    /// <summary>TLS 1.2 and 1.3 with a certificate.</summary>
    /// <param name="certificate">The server's certificate, with its private key.</param>
    /// <param name="chain">The intermediate authorities to show with it.</param>
    /// <param name="authorities">Those one of which must have signed the client's certificate; null where clients need none.</param>
    /// <param name="suites">The cipher suites to take, best first; none for those that OpenSSL is configured for.</param>
    public static SslServerAuthenticationOptions Options(
        X509Certificate2 certificate, X509Certificate2Collection chain, X509Certificate2Collection? authorities, IReadOnlyList<TlsCipherSuite> suites)
    {
        // The names of the authorities help a client that has several certificates to choose.
        var trust = authorities is null ? null : SslCertificateTrust.CreateForX509Collection(authorities, sendTrustInHandshake: true);
        return new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(certificate, chain, offline: true, trust),
            ClientCertificateRequired = authorities is not null,
            CertificateChainPolicy = authorities is null ? null : Trust(authorities),
            RemoteCertificateValidationCallback = authorities is null ? null : Check,
#pragma warning disable CA5398 // Older versions are not to be spoken, whatever the system's settings are.
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
#pragma warning restore CA5398
            CipherSuitesPolicy = TlsSuites.Policy(suites),
            ApplicationProtocols = [SslApplicationProtocol.Http11],
        };
    }

    private static CertificateTimeException Invalid(string name, string how, DateTime when) =>
        new(string.Create(CultureInfo.InvariantCulture, $"the certificate {name} {how} {when:yyyy-MM-dd HH:mm:ss}"));

    /// <summary>Ends the handshake of a client whose certificate is missing or not accepted, with words for the operator who looks for the reason.</summary>
    private static bool Check(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None) return true;
        if (certificate is null) throw new AuthenticationException("the client showed no certificate");
        var faults = string.Join(", ", (chain?.ChainStatus ?? []).Select(status => status.Status).Distinct().Select(Explain));
        throw new AuthenticationException($"the client's certificate ({certificate.Subject}) is not accepted: {(faults.Length > 0 ? faults : errors.ToString())}");
    }

    private static string Explain(X509ChainStatusFlags fault) => fault switch
    {
        X509ChainStatusFlags.NotTimeValid => "it, or one of its authorities, has expired or is not valid yet",
        X509ChainStatusFlags.UntrustedRoot or X509ChainStatusFlags.PartialChain => "no authority that is trusted has signed it",
        X509ChainStatusFlags.NotValidForUsage => "it is for another use",
        _ => fault.ToString(),
    };

    private static X509ChainPolicy Trust(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }
}

/// <summary>A certificate is not valid at this time.</summary>
internal sealed class CertificateTimeException(string message) : ProgramException(message);
