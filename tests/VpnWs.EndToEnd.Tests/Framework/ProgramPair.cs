namespace VpnWs.Tests.Framework;

/// <summary>A server and a client program that belong together.</summary>
internal sealed record ProgramPair(string Name, string Server, string Client)
{
    /// <summary>The folder of the published programs; unset, the build's own output is taken.</summary>
    private const string OursVariable = "VPNWS_BIN";

    /// <summary>The folder of the built C programs, release 0.2.</summary>
    private const string ClassicVariable = "VPNWS_C_DIR";

    public static ProgramPair Ours { get; } = Environment.GetEnvironmentVariable(OursVariable) is { Length: > 0 } folder
        ? In("ours", Path.GetFullPath(folder))
        : new ProgramPair("ours", BuildOutput("vpn-ws"), BuildOutput("vpn-ws-client"));

    /// <summary>The C programs; skips the calling test where they are not there.</summary>
    public static ProgramPair Classic
    {
        get
        {
            var folder = Environment.GetEnvironmentVariable(ClassicVariable);
            if (string.IsNullOrEmpty(folder)) Assert.Skip($"Needs the C programs: set {ClassicVariable} to their folder.");
            var pair = In("classic", folder);
            if (!File.Exists(pair.Server) || !File.Exists(pair.Client)) Assert.Skip($"{ClassicVariable} holds no vpn-ws and vpn-ws-client: {folder}");
            return pair;
        }
    }

    private static ProgramPair In(string name, string folder) => new(name, Path.Combine(folder, "vpn-ws"), Path.Combine(folder, "vpn-ws-client"));

    private static string BuildOutput(string program)
    {
        var configuration = Path.GetFileName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd('/')))!;
        return Path.Combine(Repository.Root, "src", program, "bin", configuration, "net10.0", program);
    }
}
