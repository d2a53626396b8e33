using System.Net.Security;
using VpnWs.Server;
using VpnWs.Switching.Guards;

namespace VpnWs.Hosting;

/// <summary>
/// The certificate and the passwords that let clients in at a server's HTTP addresses, and the rules for all peers, where they are in files: each is
/// read at once, and again when its files change. The PowerShell module is built with this file too.
/// </summary>
internal sealed class AdmissionFiles
{
    private Reloadable<SslServerAuthenticationOptions>? _tls;
    private Reloadable<PasswordFile>? _passwords;
    private Reloadable<PeerRules>? _rules;

    /// <summary>What may change.</summary>
    public IReadOnlyList<IReloadable> All => [.. new IReloadable?[] { _tls, _passwords, _rules }.OfType<IReloadable>().Where(static item => item.HasFiles)];

    /// <summary>Reads a certificate, and what else TLS needs.</summary>
    /// <param name="load">Reads it.</param>
    /// <param name="paths">The files; null ones are left out.</param>
    /// <exception cref="ProgramException">It cannot be used.</exception>
    public void ReadCertificate(Func<SslServerAuthenticationOptions> load, params IEnumerable<string?> paths) =>
        _tls = new Reloadable<SslServerAuthenticationOptions>("certificate", load, paths);

    /// <summary>Reads users with their hashed passwords.</summary>
    /// <exception cref="ProgramException">The file cannot be used.</exception>
    public void ReadPasswords(string path) => _passwords = new Reloadable<PasswordFile>("passwords", () => PasswordFile.Load(path), path);

    /// <summary>Reads rules.</summary>
    /// <exception cref="ProgramException">The file cannot be used.</exception>
    public void ReadRules(string path) => _rules = new Reloadable<PeerRules>("rules", () => RulesFile.Load(path), path);

    /// <summary>Lets a server ask for what is current.</summary>
    public VpnWsServerOptions Apply(VpnWsServerOptions options)
    {
        if (_tls is { } tls) options = options with { HttpTls = () => tls.Current };
        if (_rules is { } rules) options = options with { Rules = rules.Current };
        return _passwords is { } passwords ? options with { HttpPassword = new PasswordCheck(() => passwords.Current).VerifyAsync } : options;
    }

    /// <summary>Has a server follow the rules when they change.</summary>
    public void Follow(VpnWsServer server)
    {
        if (_rules is { } rules) rules.Reloaded += server.ChangeRules;
    }
}
