namespace VpnWs.Tests.Framework;

/// <summary>A server and a client program that belong together.</summary>
/// <param name="Server">The path of the server program.</param>
/// <param name="Client">The path of the client program.</param>
/// <param name="IsClassic">Whether these are the C programs, which lack our newer options.</param>
internal sealed record ProgramPair(string Server, string Client, bool IsClassic)
{
    /// <summary>The folder of the published programs; unset, the build's own output is taken.</summary>
    private const string OursVariable = "VPNWS_BIN";

    /// <summary>The folder of the built C programs, release 0.2.</summary>
    private const string ClassicVariable = "VPNWS_C_DIR";

    private static readonly string? ClassicFolder = FolderIn(ClassicVariable);

    /// <summary>The files of our programs, as they were published or built.</summary>
    public static ProgramPair Files { get; } = FolderIn(OursVariable) is { } folder
        ? In(folder)
        : new ProgramPair(BuildOutput("vpn-ws"), BuildOutput("vpn-ws-client"), false);

    /// <summary>
    /// Our programs as tests start them; see <see cref="OffloadSwitch"/>.
    /// With both variables set to the C programs' folder the tests try those in our place, which shows that a test can fail.
    /// </summary>
    public static ProgramPair Ours { get; } = OffloadSwitch.Apply(Files, Path.Combine(AppContext.BaseDirectory, "no-offload"));

    /// <summary>The C programs; skips the calling test where they are not there.</summary>
    public static ProgramPair Classic
    {
        get
        {
            if (ClassicFolder is null) Assert.Skip($"Needs the C programs: set {ClassicVariable} to their folder.");
            var pair = In(ClassicFolder);
            if (!File.Exists(pair.Server) || !File.Exists(pair.Client)) Assert.Skip($"{ClassicVariable} holds no vpn-ws and vpn-ws-client: {ClassicFolder}");
            return pair;
        }
    }

    private static string? FolderIn(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } folder ? Path.GetFullPath(folder) : null;

    private static ProgramPair In(string folder) => new(Path.Combine(folder, "vpn-ws"), Path.Combine(folder, "vpn-ws-client"), folder == ClassicFolder);

    private static string BuildOutput(string program)
    {
        var configuration = Path.GetFileName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd('/')))!;
        return Path.Combine(Repository.Root, "src", program, "bin", configuration, "net10.0", program);
    }
}
