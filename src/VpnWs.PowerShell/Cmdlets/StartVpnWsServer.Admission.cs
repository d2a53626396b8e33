using System.Management.Automation;
using System.Net;
using System.Security;
using System.Security.Cryptography.X509Certificates;
using VpnWs.Hosting;

namespace VpnWs.PowerShell;

// Who comes in at -Http: certificates, passwords, paths and origins.
public sealed partial class StartVpnWsServerCommand
{
    /// <summary>The certificate with which -Http speaks TLS (wss), with its private key.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ObjectSet)]
    [ValidateNotNull]
    public X509Certificate2? Certificate { get; set; }

    /// <summary>The file of the certificate with which -Http speaks TLS (wss): PEM, intermediate ones after it, or PKCS #12.</summary>
    [Parameter(Mandatory = true, ParameterSetName = FileSet)]
    [ValidateNotNullOrEmpty]
    public string? CertificatePath { get; set; }

    /// <summary>The PEM file of the certificate's private key; by default it is in the file of the certificate.</summary>
    [Parameter(ParameterSetName = FileSet)]
    [ValidateNotNullOrEmpty]
    public string? KeyPath { get; set; }

    /// <summary>The password of the key, or of the PKCS #12 file.</summary>
    [Parameter(ParameterSetName = FileSet)]
    [ValidateNotNull]
    public SecureString? CertificatePassword { get; set; }

    /// <summary>A PEM file of authorities one of which must have signed the certificate of a client at -Http; its subject is the peer's DistinguishedName.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ClientCA { get; set; }

    /// <summary>Users with their passwords (HTTP Basic), one of which a client at -Http must show.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public PSCredential[]? Credential { get; set; }

    /// <summary>A file of users and hashed passwords as htpasswd -B writes it, one of which a client at -Http must show.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? HtpasswdPath { get; set; }

    /// <summary>The one path that is served at -Http, such as /vpn; by default every path.</summary>
    [Parameter]
    [ValidatePattern("^/")]
    public string? Path
    {
        get => _options.HttpPath;
        set => _options = _options with { HttpPath = value };
    }

    /// <summary>Origins, such as https://example.com, whose web pages may connect at -Http; by default all.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Origin
    {
        get => [.. _options.HttpOrigins];
        set => _options = _options with { HttpOrigins = value };
    }

    /// <summary>Networks of HTTP proxies that are believed what they say of their clients; by default none.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public IPNetwork[] TrustedProxy
    {
        get => [.. _options.TrustedProxies];
        set => _options = _options with { TrustedProxies = value };
    }

    /// <summary>Who gives a password for -Address would believe that it is asked for there.</summary>
    private void RequireHttp()
    {
        string[] httpOnly = [nameof(Certificate), nameof(CertificatePath), nameof(ClientCA), nameof(Credential), nameof(HtpasswdPath), nameof(Path), nameof(Origin), nameof(TrustedProxy)];
        if (_options.HttpAddresses.Count == 0 && httpOnly.FirstOrDefault(MyInvocation.BoundParameters.ContainsKey) is { } given)
            throw new LanException("HttpMissing", ErrorCategory.InvalidArgument, $"-{given} is for -Http, which is not given.", $"Add -Http, or leave -{given} out: at -Address the web server decides who comes in.");
    }

    /// <summary>A host without its port would become the name of a socket in the folder where we are.</summary>
    private void RequirePorts()
    {
        if (_options.HttpAddresses.FirstOrDefault(static address => address.Path is { } path && path.AsSpan().IndexOfAny('/', '\\') < 0) is { } address)
            throw new LanException("AddressInvalid", ErrorCategory.InvalidArgument, $"-Http {address} has no port.", $"Write {address}:8080 for a port, or ./{address} for a Unix socket.");
    }

    private void ReadAdmission()
    {
        ReadPasswords();
        ReadCertificate();
    }

    private void WarnOfStrangers()
    {
        foreach (var address in _options.HttpAddresses.Where(address => _options.HttpTls is null && !address.IsLocal))
        {
            WriteWarning(_options.HttpPassword is null
                ? $"Anybody who reaches {address} joins the LAN, and anybody on the way reads it: there are neither TLS (-CertificatePath) nor passwords (-HtpasswdPath)."
                : $"Passwords and frames to {address} can be read on the way: there is no TLS (-CertificatePath).");
        }
    }

    private void ReadPasswords()
    {
        if (Credential is not null && HtpasswdPath is not null)
            throw new LanException("TwoPasswordSources", ErrorCategory.InvalidArgument, "-Credential and -HtpasswdPath cannot be given together.", "Put all users into the file, or leave it out.");
        if (Credential is not null) _options = _options with { HttpPassword = new CredentialCheck(Credential).VerifyAsync };
        if (HtpasswdPath is not null)
        {
            var passwords = LoadPasswords(FilePath(HtpasswdPath));
            _options = _options with { HttpPassword = new PasswordCheck(() => passwords).VerifyAsync };
        }
    }

    private void ReadCertificate()
    {
        var authorities = ClientCA is null ? null : CertificateFile.LoadAuthorities(FilePath(ClientCA));
        var own = CertificatePath is null ? null : CertificateFile.Load(FilePath(CertificatePath), KeyPath is null ? null : FilePath(KeyPath), CertificatePassword);
        if ((own?.Certificate ?? Certificate) is not { } certificate)
        {
            if (authorities is null) return;
            throw new LanException(
                "ClientCAWithoutTls", ErrorCategory.InvalidArgument, "-ClientCA is for TLS, and the server has no certificate for it.", "Add -CertificatePath and -KeyPath, or -Certificate.");
        }

        CertificateFile.RequireKey(certificate);
        if (certificate.NotAfter < DateTime.Now) throw NotValid(certificate, "expired at", certificate.NotAfter);
        if (certificate.NotBefore > DateTime.Now) throw NotValid(certificate, "is not valid before", certificate.NotBefore);
        var tls = ServerTls.Options(certificate, own?.Chain ?? [], authorities, TlsSuites.Preferred);
        _options = _options with { HttpTls = () => tls };
    }

    private static LanException NotValid(X509Certificate2 certificate, string how, DateTime when) => new(
        "CertificateNotValid", ErrorCategory.InvalidData, FormattableString.Invariant($"The certificate {certificate.Subject} {how} {when:yyyy-MM-dd HH:mm:ss}."), "Give one that is valid now, or mend the clock.");

    private static PasswordFile LoadPasswords(string path)
    {
        try
        {
            return PasswordFile.Load(path);
        }
        catch (ProgramException e)
        {
            throw Failures.File("HtpasswdUnreadable", e, "Make the file with: htpasswd -B -c FILE USER.");
        }
    }
}
