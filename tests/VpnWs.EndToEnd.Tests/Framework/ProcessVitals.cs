using System.Globalization;

namespace VpnWs.Tests.Framework;

/// <summary>What the kernel tells about a process under /proc.</summary>
internal sealed class ProcessVitals(int id)
{
    private const double TicksPerSecond = 100;

    public long ResidentKiB => KiB("VmRSS");

    public long PeakResidentKiB => KiB("VmHWM");

    /// <summary>The real, effective, saved and file system ids.</summary>
    public int[] UserIds => Numbers("Uid");

    public int[] GroupIds => Numbers("Gid");

    public int[] SupplementaryGroups => Numbers("Groups");

    public string EffectiveCapabilities => Status("CapEff");

    /// <summary>The command line, as ps shows it.</summary>
    public string CommandLine => File.ReadAllText($"/proc/{id}/cmdline").Replace('\0', ' ');

    /// <summary>What the kernel tells of every thread, by the name of the field.</summary>
    public IReadOnlyList<string> OfThreads(string field) =>
        [.. Directory.GetDirectories($"/proc/{id}/task").Select(thread => File.ReadLines(Path.Combine(thread, "status")).First(line => line.StartsWith(field + ":", StringComparison.Ordinal))[(field.Length + 1)..].Trim())];

    public int Descriptors => Directory.GetFiles($"/proc/{id}/fd").Length;

    /// <summary>Processor time used so far, user and system, of all threads.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            var fields = Fields();
            var ticks = long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
            return TimeSpan.FromSeconds(ticks / TicksPerSecond);
        }
    }

    /// <summary>The files by which tools of the same user reach into this .NET program: those that are there.</summary>
    public IReadOnlyList<string> DiagnosticFiles
    {
        get
        {
            // Files of programs that were killed may be there under the same number.
            var key = $"{id}-{Fields()[19]}";
            return [.. Directory.GetFiles(Path.GetTempPath(), $"dotnet-diagnostic-{key}-socket"), .. Directory.GetFiles(Path.GetTempPath(), $"clr-debug-pipe-{key}-*")];
        }
    }

    /// <summary>The share of one processor that is used over a stretch of time, 1 for all of it.</summary>
    public double Load(TimeSpan during)
    {
        var before = ProcessorTime;
        Thread.Sleep(during);
        return (ProcessorTime - before) / during;
    }

    /// <summary>What stands in /proc/ID/stat from the third field on.</summary>
    private string[] Fields()
    {
        var stat = File.ReadAllText($"/proc/{id}/stat");
        // The second field, the name in brackets, may hold spaces: count from behind it.
        return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
    }

    private long KiB(string key) => long.Parse(Status(key).Split(' ')[0], CultureInfo.InvariantCulture);

    private int[] Numbers(string key) =>
        [.. Status(key).Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries).Select(n => int.Parse(n, CultureInfo.InvariantCulture))];

    private string Status(string key) =>
        File.ReadLines($"/proc/{id}/status").First(line => line.StartsWith(key + ":", StringComparison.Ordinal))[(key.Length + 1)..].Trim();
}
