using System.Globalization;

namespace VpnWs.Tests.Framework;

/// <summary>Tells what was left behind by test runs that were killed; everything that we make bears the number of our process.</summary>
internal static class DeadRuns
{
    /// <summary>Those of the paths, each named "prefix", number of a process, "-" and more, whose process is no test run that still lives.</summary>
    public static IEnumerable<string> Leftovers(string folder, string prefix)
    {
        if (!Directory.Exists(folder)) return [];
        return Directory.GetFileSystemEntries(folder, prefix + "*").Where(path => !OwnerLives(Path.GetFileName(path)[prefix.Length..]));
    }

    private static bool OwnerLives(string rest)
    {
        if (!int.TryParse(rest.Split('-')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var owner)) return true;
        var commandLine = $"/proc/{owner}/cmdline";
        return File.Exists(commandLine) && File.ReadAllText(commandLine).Contains(typeof(DeadRuns).Assembly.GetName().Name!, StringComparison.Ordinal);
    }
}
