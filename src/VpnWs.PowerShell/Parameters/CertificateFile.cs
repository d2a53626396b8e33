using System.Management.Automation;
using System.Net;
using System.Security;
using System.Security.Cryptography.X509Certificates;
using VpnWs.Hosting;

namespace VpnWs.PowerShell;

/// <summary>Reads certificates from files as the programs do; what is wrong with one becomes an error of the cmdlet.</summary>
internal static class CertificateFile
{
    private static readonly CertificateOptionNames Names = new("-KeyPath", "-CertificatePassword");

    /// <summary>Reads a certificate with its private key, and the intermediate authorities that are in the same file.</summary>
    /// <param name="path">The certificate: PEM, or PKCS #12 with its key.</param>
    /// <param name="keyPath">The key in PEM; null where it is in the file of the certificate.</param>
    /// <param name="password">The password of the key or the PKCS #12 file, or null.</param>
    /// <exception cref="LanException">A file cannot be read, or is not what it should be.</exception>
    public static CertificateWithKey Load(string path, string? keyPath, SecureString? password) => Read(
        () => CertificateFiles.Load(path, keyPath, password is null ? null : new NetworkCredential("", password).Password, Names),
        "Give PEM files with -CertificatePath and -KeyPath, or a PKCS #12 file with -CertificatePassword.");

    /// <summary>Sees that a certificate given as an object can be shown.</summary>
    /// <exception cref="LanException">Its private key is not there.</exception>
    public static void RequireKey(X509Certificate2 certificate)
    {
        if (!certificate.HasPrivateKey)
            throw new LanException("CertificateUnreadable", ErrorCategory.InvalidArgument, $"The certificate {certificate.Subject} has no private key.", "Give one that has its key, or -CertificatePath with -KeyPath.");
    }

    /// <summary>Reads the certificates of authorities: any number in PEM, or one in DER.</summary>
    /// <exception cref="LanException">The file cannot be read, or holds none.</exception>
    public static X509Certificate2Collection LoadAuthorities(string path) =>
        Read(() => CertificateFiles.LoadAuthorities(path), "Give the PEM file of the authority that signed the other end's certificate.");

    private static T Read<T>(Func<T> read, string advice)
    {
        try
        {
            return read();
        }
        catch (ProgramException e)
        {
            throw Failures.File("CertificateUnreadable", e, advice);
        }
    }
}
