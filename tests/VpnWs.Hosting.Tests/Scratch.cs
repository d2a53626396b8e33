using System.Diagnostics;

namespace VpnWs.Tests.Hosting;

/// <summary>A folder of its own for one test, gone with it.</summary>
internal sealed class Scratch : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vpn-ws-test-");

    public string Folder => _folder.FullName;

    public string Path(string name) => System.IO.Path.Combine(Folder, name);

    public string Write(string name, string text)
    {
        File.WriteAllText(Path(name), text);
        return Path(name);
    }

    public string Write(string name, byte[] bytes)
    {
        File.WriteAllBytes(Path(name), bytes);
        return Path(name);
    }

    /// <summary>Makes a named pipe: its reader sees the end once every process that could write to it is gone.</summary>
    public string MakePipe(string name)
    {
        using var process = Process.Start("mkfifo", [Path(name)]);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return Path(name);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
