using System.CommandLine;
using System.Text;

namespace VpnWs.Tests.Hosting;

/// <summary>Writes a manual page (man(7)) from a command line's own description of itself.</summary>
internal static class ManPage
{
    /// <param name="command">The command line.</param>
    /// <param name="epilogue">What its help says after the options: paragraphs with a heading and indented lines.</param>
    /// <param name="more">Further sections: title and text in man's own language.</param>
    public static string Write(Command command, string epilogue, params (string Title, string Text)[] more)
    {
        var page = new StringBuilder();
        Line(".\\\" Made from the program's own description of its options by ManPageTests.");
        Line($".TH {command.Name.ToUpperInvariant()} 1");
        Line(".SH NAME");
        Line($"{Escape(command.Name)} \\- {Escape(LowerFirst(command.Description!).TrimEnd('.'))}");
        Line(".SH SYNOPSIS");
        Line($".B {Escape(command.Name)}");
        var operands = command.Arguments.Select(a => a.Arity.MinimumNumberOfValues == 0 ? $"[\\fI{a.Name}\\fR]" : $"\\fI{a.Name}\\fR");
        Line($"[\\fIOPTION\\fR...] {string.Join(' ', operands)}");
        Line(".SH DESCRIPTION");
        Line(Escape(command.Description!));
        foreach (var argument in command.Arguments) Item($"\\fI{argument.Name}\\fR", argument.Description!);
        Line(".SH OPTIONS");
        Line("A name may be cut short, a value stand after a blank or an equals sign, and of several values the last counts unless more are taken.");
        foreach (var option in command.Options) Item(Head(option), option.Description!);
        foreach (var section in epilogue.Split("\n\n")) Epilogue(section.Split('\n'));
        foreach (var (title, text) in more)
        {
            Line($".SH {title}");
            Line(text);
        }

        return page.ToString();

        void Line(string text) => page.Append(text).Append('\n');

        void Item(string head, string text)
        {
            Line(".TP");
            Line(head);
            Line(Escape(text));
        }

        void Epilogue(string[] lines)
        {
            Line($".SH {lines[0].TrimEnd(':').ToUpperInvariant()}");
            var isVerbatim = lines[0] == "Examples:";
            if (isVerbatim) Line(".nf");
            foreach (var line in lines.Skip(1).Where(line => line.Length > 0)) Line(Escape(line.Trim()));
            if (isVerbatim) Line(".fi");
        }
    }

    private static string Head(Option option)
    {
        var names = string.Join(", ", option.Aliases.Append(option.Name).Distinct().Select(name => $"\\fB{Escape(name)}\\fR"));
        return option.HelpName is { } value ? $"{names} \\fI{Escape(value)}\\fR" : names;
    }

    private static string LowerFirst(string text) => char.ToLowerInvariant(text[0]) + text[1..];

    private static string Escape(string text)
    {
        var escaped = text.Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal);
        // A line that begins with these would be taken for a request.
        return escaped.StartsWith('.') || escaped.StartsWith('\'') ? "\\&" + escaped : escaped;
    }
}
