using System.CommandLine;
using System.CommandLine.Help;

namespace VpnWs.Hosting;

/// <summary>The command line of a program: what both programs have in common, and how it is read.</summary>
/// <typeparam name="TSettings">What a right command line comes to.</typeparam>
internal abstract class ProgramCommand<TSettings>(string name, string description, string epilogue) : Command(name, description)
{
    private const int HelpWidth = 110;

    /// <summary>The names of the C program's options.</summary>
    protected abstract IReadOnlyCollection<string> ClassicOptions { get; }

    protected Option<string?> Exec { get; } =
        OptionKit.Text("--exec", "CMD", "Run CMD with /bin/sh -c once the tap is made (its name is in VPNWS_TAP); unless it succeeds the program ends.");

    protected Option<string?> User { get; } =
        OptionKit.Text("--uid", "USER", "Become this user (name or number, not 0) after the tap and the command, and of its group unless --gid says otherwise.");

    protected Option<string?> Group { get; } =
        OptionKit.Text("--gid", "GROUP", "Be of this group alone (name or number, not 0) after the tap and the command.");

    protected Option<int?> Mtu { get; } =
        OptionKit.Whole("--mtu", "BYTES", "Set the MTU of the tap, 68 to 65521. Default: as the kernel has it, 1500 for a new tap.", 68, 65_521);

    protected Option<bool> NoOffload { get; } =
        OptionKit.Flag("--no-offload", "Do without super-frames and checksum offload, on the tap and on the wire. Default: both where the other side can.");

    protected Option<bool> NoConfine { get; } = OptionKit.Flag(
        "--no-confine", "Once started, keep what is not needed then: running programs, changing ids, loading modules, mounting, debugging, .NET's diagnostics (dotnet-counters). Default: give it up for good (Linux).");

    private readonly Option<bool> _quiet = OptionKit.Flag("--quiet", "Log warnings and errors alone.");

    private readonly Option<LogFormat> _format = OptionKit.Value(
        "--log", "text|json|systemd", "How to write the log on the standard error. Default: text.", text => text switch
        {
            "text" => LogFormat.Text,
            "json" => LogFormat.Json,
            "systemd" => LogFormat.Systemd,
            _ => throw new FormatException($"'{text}' is neither text, json nor systemd"),
        });

    private readonly Option<bool> _verbose = OptionKit.Flag("--verbose", "Log more: what is of use when looking for a fault.");

    private Option<bool> Version { get; } = OptionKit.Flag("--version", "Show the version and end.");

    // Not the library's own option, which reads a table of texts at every start.
    private Option<bool> Help { get; } = new("--help", "-h") { Description = "Show this help and end.", Arity = ArgumentArity.Zero };

    /// <summary>Reads the command line.</summary>
    /// <param name="arguments">What the user typed.</param>
    /// <param name="output">Opens what help and version are written to.</param>
    /// <returns>Null where it asked for help or the version.</returns>
    /// <exception cref="ProgramException">The command line is wrong.</exception>
    public TSettings? Read(IReadOnlyList<string> arguments, Func<TextWriter> output)
    {
        var expanded = GetoptArguments.Expand(arguments, Options, ClassicOptions, Arguments.Count);
        if (expanded.Contains(Help.Name)) Help.Action = new HelpAction { MaxWidth = HelpWidth };
        var result = Parse(expanded, new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null });
        if (result.GetValue(Help))
        {
            WriteHelp(result, output());
            return default;
        }

        if (result.GetValue(Version))
        {
            output().WriteLine($"{Name} {typeof(ExitCode).Assembly.GetName().Version?.ToString(3)}");
            return default;
        }

        var missing = Arguments.Where(a => a.Arity.MinimumNumberOfValues > 0 && result.GetResult(a) is not { Tokens.Count: > 0 }).Select(a => a.Name);
        if (string.Join(" and ", missing) is { Length: > 0 } names) throw ProgramException.Usage($"no {names} given");
        return result.Errors is [var error, ..] ? throw ProgramException.Usage(error.Message) : Bind(result);
    }

    /// <summary>Makes the settings of a command line without errors.</summary>
    /// <exception cref="ProgramException">The options do not go together.</exception>
    protected abstract TSettings Bind(ParseResult result);

    /// <summary>How the log is wanted.</summary>
    /// <exception cref="ProgramException">It is wanted in two ways.</exception>
    protected LogSettings ReadLog(ParseResult result)
    {
        var settings = new LogSettings(result.GetValue(_format), result.GetValue(_verbose), result.GetValue(_quiet));
        return settings is { IsVerbose: true, IsQuiet: true } ? throw ProgramException.Usage("--verbose and --quiet do not go together") : settings;
    }

    /// <summary>Takes options in the order in which the help shows them, and then those that end it.</summary>
    protected void AddOptions(params ReadOnlySpan<Option> options)
    {
        foreach (var option in options) Options.Add(option);
        Options.Add(NoConfine);
        Options.Add(_format);
        Options.Add(_verbose);
        Options.Add(_quiet);
        Options.Add(Version);
        Options.Add(Help);
    }

    private void WriteHelp(ParseResult result, TextWriter output)
    {
        result.Invoke(new InvocationConfiguration { Output = output, EnableDefaultExceptionHandler = false });
        output.WriteLine("""
            Options in a file:
              @FILE stands for the options in FILE, whose path begins with / or . and has one a line: --name value. # begins a remark.

            """);
        output.WriteLine(epilogue);
    }
}
