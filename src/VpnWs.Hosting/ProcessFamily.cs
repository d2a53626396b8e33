using System.Globalization;

namespace VpnWs.Hosting;

/// <summary>Finds the processes that a process started, from <c>/proc</c>.</summary>
internal static class ProcessFamily
{
    /// <summary>The process and its descendants, parents first; the process alone where there is no <c>/proc</c>.</summary>
    public static IReadOnlyList<int> Of(int process)
    {
        List<int> family = [process];
        if (!Directory.Exists("/proc")) return family;
        var children = Directory.EnumerateDirectories("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id != 0)
            .ToLookup(ParentOf);
        for (var i = 0; i < family.Count; i++) family.AddRange(children[family[i]]);
        return family;
    }

    /// <summary>The parent's id, the second field after the name in <c>/proc/PID/stat</c> (proc(5)); 0 where the process has just ended.</summary>
    private static int ParentOf(int process)
    {
        try
        {
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));
            // A name may hold spaces and brackets itself.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ', 3);
            return int.Parse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
