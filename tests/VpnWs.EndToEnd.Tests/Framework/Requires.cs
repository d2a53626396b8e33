namespace VpnWs.Tests.Framework;

/// <summary>What a test needs of the machine; where it is missing the test is skipped and says why.</summary>
internal static class Requires
{
    public static void Root()
    {
        if (!Environment.IsPrivilegedProcess) Assert.Skip("Needs root for network namespaces and taps.");
        if (!File.Exists("/dev/net/tun")) Assert.Skip("Needs /dev/net/tun.");
        Tool("ip");
    }

    public static void Tool(string name)
    {
        if (FindTool(name) is null) Assert.Skip($"Needs the program '{name}'.");
    }

    public static string? FindTool(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Concat(["/usr/sbin", "/sbin"])
            .Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
}
