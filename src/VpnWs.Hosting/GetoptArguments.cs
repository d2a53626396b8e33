using System.CommandLine;

namespace VpnWs.Hosting;

/// <summary>
/// Reads arguments as the C programs do, by the rules of GNU <c>getopt_long</c>: options and operands in any order, <c>--name value</c> or
/// <c>--name=value</c>, names cut short, the last of several values, <c>--</c> as the end of the options. New is <c>@FILE</c> for an <see cref="OptionFile"/>.
/// What comes out has one meaning only: whole names, values after an equals sign, then <c>--</c> and the operands.
/// </summary>
internal static class GetoptArguments
{
    private const int MostFiles = 100;

    /// <summary>Writes <paramref name="arguments"/> out in full.</summary>
    /// <param name="arguments">What the user typed.</param>
    /// <param name="options">The options there are.</param>
    /// <param name="classic">The names that the C program knows. What was short for just one of them there stays so, whatever else begins alike.</param>
    /// <param name="operandLimit">How many operands there may be.</param>
    /// <exception cref="ProgramException">An option is unknown or ambiguous, lacks a value or has one too many, there are too many operands, or a file cannot be read.</exception>
    public static List<string> Expand(IReadOnlyList<string> arguments, IList<Option> options, IReadOnlyCollection<string> classic, int operandLimit)
    {
        var words = arguments.ToList();
        var given = new List<(Option Option, string? Value)>();
        var operands = new List<string>();
        var files = 0;
        for (var i = 0; i < words.Count; i++)
        {
            var argument = words[i];
            if (argument == "--")
            {
                operands.AddRange(words.Skip(i + 1));
                break;
            }

            if (OptionFile.IsReference(argument))
            {
                // A file may name others, but one that names itself would have no end.
                if (++files > MostFiles) throw ProgramException.Usage($"there are more than {MostFiles} files of options; does {argument} name itself?");
                words.InsertRange(i + 1, OptionFile.Read(argument));
                continue;
            }

            if (argument.Length < 2 || argument[0] != '-')
            {
                operands.Add(argument);
                continue;
            }

            var equals = argument.IndexOf('=', StringComparison.Ordinal);
            var option = Find(equals < 0 ? argument : argument[..equals], options, classic);
            var value = equals < 0 ? null : argument[(equals + 1)..];
            if (option.Arity.MaximumNumberOfValues == 0)
            {
                if (value is not null) throw ProgramException.Usage($"{option.Name} takes no value");
                Add(given, option, null);
                continue;
            }

            if (value is null && ++i < words.Count) value = words[i];
            if (value is null) throw ProgramException.Usage($"{option.Name} needs a value");
            Add(given, option, value);
        }

        // The operands are not shown: one may be a URL with a password.
        if (operands.Count > operandLimit) throw ProgramException.Usage($"too many arguments: {operands.Count}, where there may be {operandLimit}");
        List<string> written = [];
        foreach (var (option, value) in given) written.AddRange(Write(option.Name, value));
        return [.. written, "--", .. operands];
    }

    private static void Add(List<(Option Option, string? Value)> given, Option option, string? value)
    {
        if (option.Arity.MaximumNumberOfValues <= 1) given.RemoveAll(g => g.Option == option);
        given.Add((option, value));
    }

    /// <summary>An empty value stands alone: after an equals sign the parser takes it for none.</summary>
    private static string[] Write(string name, string? value) => value switch
    {
        null => [name],
        "" => [name, value],
        _ => [$"{name}={value}"],
    };

    private static Option Find(string name, IList<Option> options, IReadOnlyCollection<string> classic)
    {
        if (options.FirstOrDefault(o => o.Name == name || o.Aliases.Contains(name)) is { } exact) return exact;
        Option[] candidates = name.Length > 2 && name.StartsWith("--", StringComparison.Ordinal)
            ? [.. options.Where(o => o.Name.StartsWith(name, StringComparison.Ordinal))]
            : [];
        if (candidates.Length > 1 && candidates.Where(o => classic.Contains(o.Name)).ToArray() is [var known]) return known;
        return candidates switch
        {
            [var one] => one,
            [] => throw ProgramException.Usage($"there is no option {name}"),
            _ => throw ProgramException.Usage($"{name} is ambiguous: {string.Join(", ", candidates.Select(o => o.Name))}"),
        };
    }
}
