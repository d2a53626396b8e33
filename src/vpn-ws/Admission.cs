using VpnWs.Hosting;

namespace VpnWs.ServerProgram;

/// <summary>Who comes in, as the command line says it.</summary>
internal static class Admission
{
    /// <summary>Reads the files that the options name.</summary>
    /// <exception cref="ProgramException">One of them cannot be used.</exception>
    public static AdmissionFiles Read(ServerSettings settings)
    {
        var files = new AdmissionFiles();
        if (settings.Certificate is { } tls)
            files.ReadCertificate(() => tls.Load(DateTimeOffset.Now), tls.CertificatePath, tls.KeyPath, tls.PasswordPath, tls.ClientAuthoritiesPath);
        if (settings.PasswordPath is { } passwords) files.ReadPasswords(passwords);
        if (settings.RulesPath is { } rules) files.ReadRules(rules);
        return files;
    }
}
