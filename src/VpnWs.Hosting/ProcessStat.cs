using System.Globalization;

namespace VpnWs.Hosting;

/// <summary>What the kernel tells of a process in <c>/proc/PID/stat</c> (proc(5)), the fields numbered from 1 as there.</summary>
internal sealed class ProcessStat
{
    private const int FieldsBefore = 3;

    private readonly string[] _fields;

    /// <param name="process">The process's id.</param>
    /// <exception cref="IOException">There is no such process, or no such file system.</exception>
    public ProcessStat(int process)
    {
        var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));
        // The second field, the name in brackets, may hold blanks and brackets: count from behind it.
        _fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
    }

    /// <summary>One of the fields behind the name: 3 or more.</summary>
    public string this[int number] => _fields[number - FieldsBefore];
}
