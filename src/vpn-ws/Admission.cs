using System.Net.Security;
using VpnWs.Hosting;
using VpnWs.Server;
using VpnWs.Switching.Guards;

namespace VpnWs.ServerProgram;

/// <summary>The certificates and passwords that let clients in at the HTTP addresses, and the rules for all peers, each read from files that may change.</summary>
internal sealed class Admission
{
    private readonly Reloadable<SslServerAuthenticationOptions>? _tls;
    private readonly Reloadable<PasswordFile>? _passwords;
    private readonly Reloadable<PeerRules>? _rules;

    /// <summary>Reads the files for the first time.</summary>
    /// <exception cref="ProgramException">One of them cannot be used.</exception>
    public Admission(ServerSettings settings)
    {
        if (settings.Certificate is { } files)
        {
            _tls = new Reloadable<SslServerAuthenticationOptions>(
                "the certificate", () => files.Load(DateTimeOffset.Now), files.CertificatePath, files.KeyPath, files.PasswordPath, files.ClientAuthoritiesPath);
        }

        if (settings.PasswordPath is { } path) _passwords = new Reloadable<PasswordFile>("the passwords", () => PasswordFile.Load(path), path);
        if (settings.RulesPath is { } rulesPath) _rules = new Reloadable<PeerRules>("the rules", () => RulesFile.Load(rulesPath), rulesPath);
    }

    /// <summary>What may change.</summary>
    public IReadOnlyList<IReloadable> Reloadables => [.. new IReloadable?[] { _tls, _passwords, _rules }.OfType<IReloadable>()];

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
