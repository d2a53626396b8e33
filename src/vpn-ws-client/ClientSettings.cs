using VpnWs.Client;
using VpnWs.Hosting;

namespace VpnWs.ClientProgram;

/// <summary>What the client's command line comes to.</summary>
/// <param name="Options">What the engine is told, but for the certificates, whose files are not read yet.</param>
/// <param name="Log">How the log is wanted.</param>
internal sealed record ClientSettings(VpnWsClientOptions Options, LogSettings Log)
{
    /// <summary>The file of our certificate, or null.</summary>
    public string? CertificatePath { get; init; }

    /// <summary>The file of its key; null where it is in the same file.</summary>
    public string? KeyPath { get; init; }

    /// <summary>The file with the password of the key, or null.</summary>
    public string? PasswordPath { get; init; }

    /// <summary>The file of the authorities to trust; null for the system's.</summary>
    public string? AuthoritiesPath { get; init; }

    /// <summary>The command to run once the tap is there, or null.</summary>
    public string? Command { get; init; }

    /// <summary>The user to become after that, or null.</summary>
    public string? User { get; init; }

    /// <summary>The group to be of after that, or null.</summary>
    public string? Group { get; init; }

    /// <summary>Whether the process is not to be confined.</summary>
    public bool IsOpen { get; init; }

    /// <summary>Reads the certificates' files.</summary>
    /// <exception cref="ProgramException">A file is missing or wrong.</exception>
    public VpnWsClientOptions LoadCertificates()
    {
        var options = Options;
        if (AuthoritiesPath is not null) options = options with { TrustedAuthorities = CertificateFiles.LoadAuthorities(AuthoritiesPath) };
        if (CertificatePath is null) return options;
        var own = CertificateFiles.LoadWithKey(CertificatePath, KeyPath, PasswordPath);
        return options with { ClientCertificate = own.Certificate, ClientCertificateChain = own.Chain };
    }
}
