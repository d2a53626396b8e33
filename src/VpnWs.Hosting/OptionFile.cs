using System.Text;

namespace VpnWs.Hosting;

/// <summary>Options kept in a file, out of sight of the list of processes: one a line with its value after it, which needs no quotes; empty lines and those with # are passed over.</summary>
internal static class OptionFile
{
    /// <summary>Whether an argument names such a file: an at sign before a path that begins with a slash or a dot.</summary>
    public static bool IsReference(string argument) => argument is ['@', '/' or '.', ..];

    /// <summary>The arguments that the file stands for.</summary>
    /// <exception cref="ProgramException">It cannot be read.</exception>
    public static IEnumerable<string> Read(string reference) => Encoding.UTF8.GetString(TextFile.ReadBytes(reference[1..]))
        .TrimStart('\ufeff')
        .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .Where(line => line[0] != '#')
        .Select(Argument);

    private static string Argument(string line)
    {
        var end = line.AsSpan().IndexOfAny(" \t=");
        return line[0] != '-' || end < 0 ? line : $"{line[..end]}={line[(end + 1)..].TrimStart()}";
    }
}
