using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace VpnWs.Hosting;

/// <summary>A certificate with its private key, and the intermediate authorities that came with it.</summary>
internal sealed record CertificateWithKey(X509Certificate2 Certificate, X509Certificate2Collection Chain);

/// <summary>How messages name the options that they advise.</summary>
/// <param name="Key">The option for the file of the key.</param>
/// <param name="Password">The option for the password.</param>
internal sealed record CertificateOptionNames(string Key, string Password);

/// <summary>Reads certificates and keys from files; what is wrong with one is said in one line that names the file. The PowerShell module is built with this file too.</summary>
internal static class CertificateFiles
{
    private const string OldEncryption = "Proc-Type: 4,ENCRYPTED";

    /// <summary>Reads a PEM certificate (with intermediates after it, if any) and its key, or a PKCS #12 file.</summary>
    /// <param name="certificatePath">PEM or PKCS #12, told apart by what is in it.</param>
    /// <param name="keyPath">The PEM key; null where it is in the file of the certificate.</param>
    /// <param name="passwordPath">A file whose first line is the password of the key or PKCS #12 file; null where it has none.</param>
    /// <param name="optionPrefix">What stands before <c>key</c> and <c>password-file</c> in the names of the options that messages advise.</param>
    /// <exception cref="ProgramException">A file is missing, unreadable, damaged or locked, or key and certificate do not belong together.</exception>
    public static CertificateWithKey LoadWithKey(string certificatePath, string? keyPath, string? passwordPath, string optionPrefix = "--") =>
        Load(certificatePath, keyPath, passwordPath is null ? null : ReadPassword(passwordPath), new CertificateOptionNames($"{optionPrefix}key", $"{optionPrefix}password-file"));

    /// <summary>Reads a PEM certificate (with intermediates after it, if any) and its key, or a PKCS #12 file.</summary>
    /// <param name="certificatePath">PEM or PKCS #12, told apart by what is in it.</param>
    /// <param name="keyPath">The PEM key; null where it is in the file of the certificate.</param>
    /// <param name="password">The password of the key or PKCS #12 file; null where it has none.</param>
    /// <param name="names">What messages call the options.</param>
    /// <exception cref="ProgramException">A file is missing, unreadable, damaged or locked, or key and certificate do not belong together.</exception>
    public static CertificateWithKey Load(string certificatePath, string? keyPath, string? password, CertificateOptionNames names)
    {
        var bytes = TextFile.ReadBytes(certificatePath);
        if (!IsPem(bytes))
        {
            return keyPath is null
                ? LoadPkcs12(certificatePath, bytes, password, names)
                : throw new ProgramException($"{certificatePath} is no PEM file; a PKCS #12 file brings its own key, so leave out {names.Key}");
        }

        var text = Text(bytes);
        return LoadPem(certificatePath, text, keyPath ?? certificatePath, keyPath is null ? text : Text(TextFile.ReadBytes(keyPath)), password, names);
    }

    /// <summary>Reads the certificates of authorities: any number in PEM, or one in DER.</summary>
    /// <exception cref="ProgramException">The file is missing, unreadable or holds no certificate.</exception>
    public static X509Certificate2Collection LoadAuthorities(string path)
    {
        var bytes = TextFile.ReadBytes(path);
        var authorities = new X509Certificate2Collection();
        try
        {
            if (IsPem(bytes)) authorities.ImportFromPem(Text(bytes));
            else authorities.Add(X509CertificateLoader.LoadCertificate(bytes));
        }
        catch (CryptographicException e)
        {
            throw new ProgramException($"cannot read a certificate from {path}", innerException: e);
        }

        return authorities.Count > 0 ? authorities : throw new ProgramException($"there is no certificate in {path}");
    }

    private static CertificateWithKey LoadPem(
        string certificatePath, string certificateText, string keyPath, string keyText, string? password, CertificateOptionNames names)
    {
        var chain = new X509Certificate2Collection();
        try
        {
            chain.ImportFromPem(certificateText);
        }
        catch (CryptographicException e)
        {
            throw new ProgramException($"cannot read a certificate from {certificatePath}", innerException: e);
        }

        if (chain.Count == 0) throw new ProgramException($"there is no certificate in {certificatePath}");
        if (!keyText.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
            throw new ProgramException($"there is no private key in {keyPath}{(keyPath == certificatePath ? $"; name its file with {names.Key}" : "")}");
        if (keyText.Contains(OldEncryption, StringComparison.Ordinal))
            throw new ProgramException($"the key in {keyPath} is encrypted in an outdated way; convert it: openssl pkcs8 -topk8 -in {keyPath} -out NEW.key");
        var isEncrypted = keyText.Contains("-----BEGIN ENCRYPTED PRIVATE KEY-----", StringComparison.Ordinal);
        if (isEncrypted && password is null) throw new ProgramException($"the key in {keyPath} is encrypted; give its password with {names.Password}");
        chain.RemoveAt(0);
        try
        {
            return new CertificateWithKey(
                isEncrypted ? X509Certificate2.CreateFromEncryptedPem(certificateText, keyText, password) : X509Certificate2.CreateFromPem(certificateText, keyText),
                chain);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            var doubt = isEncrypted ? ", or the password is wrong" : "";
            throw new ProgramException($"the key in {keyPath} is damaged or does not belong to the certificate in {certificatePath}{doubt}", innerException: e);
        }
    }

    private static CertificateWithKey LoadPkcs12(string path, byte[] bytes, string? password, CertificateOptionNames names)
    {
        try
        {
            var all = X509CertificateLoader.LoadPkcs12Collection(bytes, password);
            var own = all.FirstOrDefault(c => c.HasPrivateKey) ?? throw new ProgramException($"there is no private key in {path}");
            all.Remove(own);
            return new CertificateWithKey(own, all);
        }
        catch (CryptographicException e)
        {
            var advice = password is null ? $"or it has a password ({names.Password})" : "or the password is wrong";
            throw new ProgramException($"cannot read {path}: it is neither PEM nor PKCS #12, {advice}", innerException: e);
        }
    }

    private static bool IsPem(byte[] bytes) => bytes.AsSpan().IndexOf("-----BEGIN "u8) >= 0;

    private static string Text(byte[] bytes) => System.Text.Encoding.Latin1.GetString(bytes);

    private static string ReadPassword(string path)
    {
        using var reader = new StringReader(System.Text.Encoding.UTF8.GetString(TextFile.ReadBytes(path)));
        return reader.ReadLine() ?? "";
    }
}
