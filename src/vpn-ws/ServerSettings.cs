using VpnWs.Hosting;
using VpnWs.Server;

namespace VpnWs.ServerProgram;

/// <summary>What the server's command line comes to.</summary>
/// <param name="Options">What the engine is told.</param>
/// <param name="Command">The command to run once the tap is there, or null.</param>
/// <param name="User">The user to become after that, or null.</param>
/// <param name="Group">The group to be of after that, or null.</param>
/// <param name="IsVerbose">Whether to log what is only of use when looking for a fault.</param>
internal sealed record ServerSettings(VpnWsServerOptions Options, string? Command, string? User, string? Group, bool IsVerbose)
{
    /// <summary>The certificate for the HTTP addresses, whose files are not read yet; null where they speak no TLS.</summary>
    public ServerCertificate? Certificate { get; init; }

    /// <summary>The file of users and passwords for the HTTP addresses; null where none are asked for.</summary>
    public string? PasswordPath { get; init; }
}
