using VpnWs.Hosting;

namespace VpnWs.Tests.Hosting;

/// <summary>The files by which tools of the same user reach into a .NET program.</summary>
public sealed class DiagnosticsPortTests : IDisposable
{
    private readonly Scratch _scratch = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _scratch.Dispose();

    [Fact(Timeout = 60_000)]
    public async Task A_server_that_runs_has_no_such_files_left_wherever_they_were()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("only Linux programs are confined");
        Assert.Equal(3, await CountAsync(_scratch.Folder, "--no-confine"));
        Assert.Equal(0, await CountAsync(_scratch.Folder));
        Assert.Equal(3, await CountAsync(null, "--no-confine"));
        Assert.Equal(0, await CountAsync(null));
        // The folder for temporary files may be one where a file can be removed by its owner alone.
        if (Environment.IsPrivilegedProcess) Assert.Equal(0, await CountAsync(null, "--uid", "nobody"));
    }

    [Fact]
    public void Files_that_are_not_there_are_no_fault_and_those_of_others_stay()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("only Linux programs are confined");
        var other = Path.Combine(Path.GetTempPath(), $"dotnet-diagnostic-{Environment.ProcessId}-1-socket");
        File.WriteAllText(other, "");
        try
        {
            Assert.Null(DiagnosticsPort.Close());
            Assert.Null(DiagnosticsPort.Close());
            Assert.True(File.Exists(other));
        }
        finally
        {
            File.Delete(other);
        }
    }

    /// <summary>Counts those of a server; none must be there after its end.</summary>
    private static async Task<int> CountAsync(string? folder, params string[] options)
    {
        await using var server = await ServerProcess.StartAsync(
            new() { ["TMPDIR"] = folder, ["DOTNET_EnableDiagnostics"] = null }, [.. options, "--http", "127.0.0.1:0"], Ct);
        var files = DiagnosticsPort.Files(server.Process.Id).Select(path => Path.Combine(folder ?? "/tmp", Path.GetFileName(path))).ToList();
        var count = files.Count(File.Exists);
        if (folder is not null) Assert.Equal(count, Directory.GetFiles(folder).Count(path => !path.EndsWith(".json", StringComparison.Ordinal)));
        await server.StopAsync(Ct);
        Assert.DoesNotContain(files, File.Exists);
        return count;
    }
}
