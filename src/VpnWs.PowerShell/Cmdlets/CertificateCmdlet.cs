using System.Management.Automation;
using System.Security;
using System.Security.Cryptography.X509Certificates;

namespace VpnWs.PowerShell;

/// <summary>What the cmdlets for the two ends of a link have in common: the certificate that this end shows.</summary>
public abstract class CertificateCmdlet : LanCmdlet
{
    private protected const string PlainSet = "Plain";
    private const string ObjectSet = "CertificateObject";
    private const string FileSet = "CertificateFile";

    /// <summary>Makes a cmdlet for one pipeline.</summary>
    private protected CertificateCmdlet()
    {
    }

    /// <summary>The certificate that this end shows, with its private key.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ObjectSet)]
    [ValidateNotNull]
    public X509Certificate2? Certificate { get; set; }

    /// <summary>The file of the certificate that this end shows: PEM, intermediate ones after it, or PKCS #12.</summary>
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

    /// <summary>The certificate that the parameters name, not read yet; null where they name none.</summary>
    /// <exception cref="LanException">It is an object without its key.</exception>
    private protected OwnCertificate? FindCertificate() =>
        Certificate is not null ? OwnCertificate.Of(Certificate)
        : CertificatePath is not null ? OwnCertificate.Of(FilePath(CertificatePath), KeyPath is null ? null : FilePath(KeyPath), CertificatePassword)
        : null;
}
