using VpnWs.Hosting;
using VpnWs.Server;

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

    /// <summary>What an operator should know of addresses that others can reach.</summary>
    public static IEnumerable<string> Warnings(VpnWsServerOptions options)
    {
        if (options.HttpTls is not null) yield break;
        foreach (var address in options.HttpAddresses.Where(address => !address.IsLocal))
        {
            yield return options.HttpPassword is null
                ? $"anybody who reaches {address} joins the LAN, and anybody on the way reads it: there are neither TLS (--tls-cert) nor passwords (--htpasswd)"
                : $"passwords and frames to {address} can be read on the way: there is no TLS (--tls-cert)";
        }
    }
}
