using System.Diagnostics;
using VpnWs.Hosting;

namespace VpnWs.Tests.Hosting;

/// <summary>A server in a process of its own that is ready, confined unless it was told otherwise.</summary>
internal sealed class ServerProcess(Process process) : IAsyncDisposable
{
    public Process Process => process;

    /// <param name="environment">What to add to the environment; null takes a variable away.</param>
    /// <param name="arguments">The server's options.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<ServerProcess> StartAsync(Dictionary<string, string?> environment, string[] arguments, CancellationToken cancellationToken)
    {
        var info = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "vpn-ws.dll"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment) info.Environment[name] = value;
        var server = new ServerProcess(Process.Start(info)!);
        var said = "";
        while (await server.Process.StandardError.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Contains("info: ready: ", StringComparison.Ordinal)) return server;
            said += line;
        }

        await server.DisposeAsync();
        throw new InvalidOperationException($"the server ended before it was ready: {said}");
    }

    /// <summary>Ends it in good order.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        Assert.Equal(0, LibC.Kill(process.Id, LibC.SigTerm));
        await process.WaitForExitAsync(cancellationToken);
        Assert.Equal(0, process.ExitCode);
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync(CancellationToken.None);
        process.Dispose();
    }
}
