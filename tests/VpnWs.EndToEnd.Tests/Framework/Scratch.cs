namespace VpnWs.Tests.Framework;

/// <summary>A folder of its own that goes with the test; open to read for the unprivileged users that the programs become.</summary>
internal sealed class Scratch : IDisposable
{
    private const string Prefix = "vpnws-e2e-";
    private const UnixFileMode OpenToRead = (UnixFileMode)0b111_101_101;

    static Scratch()
    {
        foreach (var leftover in DeadRuns.Leftovers(Path.GetTempPath(), Prefix)) Directory.Delete(leftover, recursive: true);
    }

    public Scratch()
    {
        Folder = Directory.CreateTempSubdirectory($"{Prefix}{Environment.ProcessId}-").FullName;
        File.SetUnixFileMode(Folder, OpenToRead);
    }

    public string Folder { get; }

    public string PathOf(string name) => Path.Combine(Folder, name);

    public string Write(string name, string content)
    {
        var path = PathOf(name);
        File.WriteAllText(path, content);
        return path;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
