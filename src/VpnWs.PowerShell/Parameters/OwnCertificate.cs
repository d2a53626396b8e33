using System.Management.Automation;
using System.Net;
using System.Security;
using System.Security.Cryptography.X509Certificates;
using VpnWs.Hosting;

namespace VpnWs.PowerShell;

/// <summary>The certificate that this end shows: an object, or files, which are read as the programs read them.</summary>
internal sealed class OwnCertificate
{
    /// <summary>The first part of the error id where a certificate cannot be read.</summary>
    public const string Unreadable = "CertificateUnreadable";

    private static readonly CertificateOptionNames Names = new("-KeyPath", "-CertificatePassword");

    private OwnCertificate(string name, Func<CertificateWithKey> read, params IReadOnlyList<string?> paths) => (Name, Read, Paths) = (name, read, paths);

    /// <summary>What messages call it, behind <c>the certificate</c>.</summary>
    public string Name { get; }

    /// <summary>The files; null ones are none.</summary>
    public IReadOnlyList<string?> Paths { get; }

    /// <summary>Reads it, as often as wanted. A <see cref="ProgramException"/> tells what is wrong with a file.</summary>
    public Func<CertificateWithKey> Read { get; }

    /// <summary>A certificate that a script has.</summary>
    /// <exception cref="LanException">Its private key is not there.</exception>
    public static OwnCertificate Of(X509Certificate2 certificate)
    {
        if (!certificate.HasPrivateKey)
            throw new LanException(Unreadable, ErrorCategory.InvalidArgument, $"The certificate {certificate.Subject} has no private key.", "Give one that has its key, or -CertificatePath with -KeyPath.");
        // Whose the certificate is may dispose of it while it is still needed.
        var own = new CertificateWithKey(new X509Certificate2(certificate), []);
        return new OwnCertificate(certificate.Subject, () => own);
    }

    /// <summary>A certificate in files.</summary>
    /// <param name="path">The certificate: PEM, intermediate ones after it, or PKCS #12 with its key.</param>
    /// <param name="keyPath">The key in PEM; null where it is in the file of the certificate.</param>
    /// <param name="password">The password of the key or the PKCS #12 file, or null.</param>
    public static OwnCertificate Of(string path, string? keyPath, SecureString? password)
    {
        // Whose the password is may clear it while it is still needed.
        var copy = password?.Copy();
        return new OwnCertificate($"in {path}", () => CertificateFiles.Load(path, keyPath, copy is null ? null : new NetworkCredential("", copy).Password, Names), path, keyPath);
    }
}
