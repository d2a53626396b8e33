using System.Globalization;

namespace VpnWs.Hosting;

/// <summary>
/// The door that the runtime opens in every program at its start: a socket and two pipes in the folder for temporary files, by which whoever has the same
/// user id reads the environment, loads a library into the program, debugs it. The setting that leaves them away is read before any code of ours runs, but
/// without their names nobody finds them.
/// </summary>
internal static class DiagnosticsPort
{
    private const int StartField = 22;

    /// <summary>Takes this process's own away, on Linux. Who has connected before stays so.</summary>
    /// <returns>Null, also where there are none, or why it could not be done.</returns>
    public static string? Close()
    {
        if (!OperatingSystem.IsLinux()) return "this system is not known well enough";
        try
        {
            foreach (var path in Files(Environment.ProcessId)) File.Delete(path);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    /// <summary>
    /// What the runtime of a process calls them (dotnet/runtime, "diagnostic port"): by its number and the time of its start, by which programs of other
    /// containers that share the folder differ.
    /// </summary>
    /// <exception cref="IOException">There is no such process.</exception>
    internal static string[] Files(int process)
    {
        var key = string.Create(CultureInfo.InvariantCulture, $"{process}-{new ProcessStat(process)[StartField]}");
        return [.. ((string[])[$"dotnet-diagnostic-{key}-socket", $"clr-debug-pipe-{key}-in", $"clr-debug-pipe-{key}-out"]).Select(name => Path.Combine(Path.GetTempPath(), name))];
    }
}
