using System.Text.RegularExpressions;

namespace VpnWs.Tests.Framework;

/// <summary>The examples of the README: fenced blocks, each with a comment before it that names the example.</summary>
internal static partial class ReadmeExamples
{
    private static readonly string Text = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));

    public static IReadOnlyDictionary<string, string> All { get; } =
        Marked().Matches(Text).ToDictionary(match => match.Groups["name"].Value, match => match.Groups["body"].Value.Trim());

    /// <summary>The number of fenced blocks, with or without a name.</summary>
    public static int BlockCount => Fences().Count(Text) / 2;

    [GeneratedRegex(@"<!-- tested: (?<name>[\w-]+) -->\n```\w+\n(?<body>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Marked();

    [GeneratedRegex("^ *```", RegexOptions.Multiline)]
    private static partial Regex Fences();
}
