using System.Management.Automation;
using System.Net;
using System.Net.Security;
using VpnWs.Hosting;

namespace VpnWs.PowerShell;

// Who comes in, and what he may do: certificates, passwords, paths, origins and rules.
public sealed partial class StartVpnWsServerCommand
{
    private readonly AdmissionFiles _files = new();

    /// <summary>A PEM file of authorities one of which must have signed the certificate of a client at -Http; its subject is the peer's DistinguishedName.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ClientCA { get; set; }

    /// <summary>The TLS cipher suites to take, best first, by IANA's names; or system for those that OpenSSL is configured for, which also lets clients resume sessions. By default AES-128 comes first where the processor knows AES. Only on Linux; elsewhere the system decides.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? TlsSuite { get; set; }

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
        string[] httpOnly = [nameof(Certificate), nameof(CertificatePath), nameof(ClientCA), nameof(TlsSuite), nameof(Credential), nameof(HtpasswdPath), nameof(Path), nameof(Origin), nameof(TrustedProxy)];
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
        ReadRules();
        _options = _files.Apply(_options);
    }

    private void ReadPasswords()
    {
        if (Credential is not null && HtpasswdPath is not null)
            throw new LanException("TwoPasswordSources", ErrorCategory.InvalidArgument, "-Credential and -HtpasswdPath cannot be given together.", "Put all users into the file, or leave it out.");
        if (Credential is not null) _options = _options with { HttpPassword = new CredentialCheck(Credential).VerifyAsync };
        if (HtpasswdPath is not null) ReadFile(files => files.ReadPasswords(FilePath(HtpasswdPath)), "HtpasswdUnreadable", "Make the file with: htpasswd -B -c FILE USER.");
    }

    private void ReadCertificate()
    {
        var authorities = ClientCA is null ? null : FilePath(ClientCA);
        var suites = ReadSuites();
        if (FindCertificate() is { } own)
        {
            ReadFile(
                files => files.ReadCertificate(() => ServerTls.Load(own.Read(), own.Name, authorities, suites ?? TlsSuites.Preferred, DateTimeOffset.Now), [.. own.Paths, authorities]),
                OwnCertificate.Unreadable,
                "Give PEM files with -CertificatePath, -KeyPath and -ClientCA, or a PKCS #12 file with -CertificatePassword.");
        }
        else if (authorities is not null || suites is not null)
        {
            var given = authorities is not null ? nameof(ClientCA) : nameof(TlsSuite);
            throw new LanException(
                $"{given}WithoutTls", ErrorCategory.InvalidArgument, $"-{given} is for TLS, and the server has no certificate for it.", "Add -CertificatePath and -KeyPath, or -Certificate.");
        }
    }

    private IReadOnlyList<TlsCipherSuite>? ReadSuites()
    {
        try
        {
            return TlsSuite is null ? null : TlsSuites.Parse(string.Join(',', TlsSuite));
        }
        catch (FormatException e)
        {
            throw new LanException("TlsSuiteUnknown", ErrorCategory.InvalidArgument, $"{e.Message}.", "Leave -TlsSuite out for a good choice.");
        }
    }

    private void ReadRules()
    {
        var path = Rules switch
        {
            [string text] => FilePath(text),
            [PSObject { BaseObject: string text }] => FilePath(text),
            [FileInfo file] => file.FullName,
            [PSObject { BaseObject: FileInfo file }] => file.FullName,
            _ => null,
        };
        if (path is not null) ReadFile(files => files.ReadRules(path), RuleObjects.Invalid, RuleObjects.Advice);
        else if (Rules is not null) _options = _options with { Rules = RuleObjects.ReadRules(Rules) };
    }

    private void ReadFile(Action<AdmissionFiles> read, string id, string advice) => Failures.Read(
        () =>
        {
            read(_files);
            return _files;
        },
        id,
        advice);
}
