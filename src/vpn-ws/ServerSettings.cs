using VpnWs.Hosting;
using VpnWs.Server;

namespace VpnWs.ServerProgram;

/// <summary>What the server's command line comes to.</summary>
/// <param name="Options">What the engine is told.</param>
/// <param name="Command">The command to run once the tap is there, or null.</param>
/// <param name="User">The user to become after that, or null.</param>
/// <param name="Group">The group to be of after that, or null.</param>
/// <param name="Log">How the log is wanted.</param>
internal sealed record ServerSettings(VpnWsServerOptions Options, string? Command, string? User, string? Group, LogSettings Log)
{
    /// <summary>Whether the process is not to be confined.</summary>
    public bool IsOpen { get; init; }

    /// <summary>The certificate for the HTTP addresses, whose files are not read yet; null where they speak no TLS.</summary>
    public ServerCertificate? Certificate { get; init; }

    /// <summary>The file of users and passwords for the HTTP addresses; null where none are asked for.</summary>
    public string? PasswordPath { get; init; }

    /// <summary>The file of rules for peers; null for none.</summary>
    public string? RulesPath { get; init; }

    /// <summary>What to ask a running server, in place of being one; null to be one.</summary>
    public StatusSettings? Status { get; init; }
}

/// <summary>What <c>--status</c> comes to.</summary>
/// <param name="Address">The control interface: a URL, or what the server was given as its address.</param>
/// <param name="IsJson">Whether to print what the server answers as it is.</param>
/// <param name="IsWatch">Whether to print again and again, with rates.</param>
/// <param name="Kill">The peer to end in place of printing, or null.</param>
internal sealed record StatusSettings(ControlAddress Address, bool IsJson, bool IsWatch, long? Kill);
