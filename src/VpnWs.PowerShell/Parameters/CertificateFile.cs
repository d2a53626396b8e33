using System.Management.Automation;
using System.Net;
using System.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace VpnWs.PowerShell;

/// <summary>Reads certificates from files, PEM or PKCS #12.</summary>
internal static class CertificateFile
{
    /// <summary>Reads a certificate with its private key, and the intermediate authorities that are in the same file.</summary>
    /// <param name="path">The certificate: PEM, or PKCS #12 with its key.</param>
    /// <param name="keyPath">The key in PEM; null where it is in the file of the certificate.</param>
    /// <param name="password">The password of the key or the PKCS #12 file, or null.</param>
    /// <exception cref="LanException">A file cannot be read, or is not what it should be.</exception>
    public static (X509Certificate2 Certificate, X509Certificate2Collection Chain) Load(string path, string? keyPath, SecureString? password)
    {
        var secret = password is null ? null : new NetworkCredential("", password).Password;
        try
        {
            return IsPem(path) ? LoadPem(path, keyPath ?? path, secret) : LoadPkcs12(path, secret);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw Failed($"The certificate in {path} cannot be read with its key: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed(e.Message);
        }
    }

    /// <summary>Reads the certificates of authorities from a PEM file.</summary>
    /// <exception cref="LanException">The file cannot be read, or holds none.</exception>
    public static X509Certificate2Collection LoadAuthorities(string path)
    {
        X509Certificate2Collection authorities = [];
        try
        {
            authorities.ImportFromPemFile(path);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw Failed($"No certificates can be read from {path}: {e.Message}");
        }

        return authorities.Count > 0 ? authorities : throw Failed($"There is no certificate in {path}.");
    }

    private static (X509Certificate2 Certificate, X509Certificate2Collection Chain) LoadPem(string path, string keyPath, string? secret)
    {
        var certificate = secret is null
            ? X509Certificate2.CreateFromPemFile(path, keyPath)
            : X509Certificate2.CreateFromEncryptedPemFile(path, secret, keyPath);
        X509Certificate2Collection chain = [];
        chain.ImportFromPemFile(path);
        chain.RemoveAt(0);
        return (certificate, chain);
    }

    private static (X509Certificate2 Certificate, X509Certificate2Collection Chain) LoadPkcs12(string path, string? secret)
    {
        var chain = X509CertificateLoader.LoadPkcs12CollectionFromFile(path, secret);
        var own = chain.FirstOrDefault(static certificate => certificate.HasPrivateKey) ?? throw Failed($"There is no private key in {path}.");
        chain.Remove(own);
        return (own, chain);
    }

    private static bool IsPem(string path) => File.ReadAllBytes(path).AsSpan().IndexOf("-----BEGIN "u8) >= 0;

    private static LanException Failed(string message) => new(
        "CertificateUnreadable", ErrorCategory.InvalidData, message, "Give PEM files with -CertificatePath and -KeyPath, or a PKCS #12 file with -CertificatePassword.");
}
