using System.Text.RegularExpressions;

namespace VpnWs.Tests.Hosting;

/// <summary>The pages lead where they say, and the README's contents have every chapter.</summary>
public sealed partial class DocumentationTests
{
    private static readonly string Root = FindRoot(AppContext.BaseDirectory);

    public static TheoryData<string> Pages =>
        [.. new[] { "README.md", "SECURITY.md" }.Concat(Directory.GetFiles(Path.Combine(Root, "docs"), "*.md").Select(path => Path.GetRelativePath(Root, path)))];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_link_leads_to_a_file_and_a_heading_that_are_there(string page)
    {
        foreach (Match link in Links().Matches(File.ReadAllText(Path.Combine(Root, page))))
        {
            var (target, anchor) = (link.Groups[1].Value, link.Groups[2].Value);
            if (target.Contains("://", StringComparison.Ordinal)) continue;
            var path = target.Length == 0 ? Path.Combine(Root, page) : Path.Combine(Root, Path.GetDirectoryName(page)!, target);
            Assert.True(File.Exists(path), $"{page}: {target}");
            if (anchor.Length > 0) Assert.Contains(anchor, Headings(path).Select(Anchor));
        }
    }

    [Fact]
    public void The_READMEs_contents_have_every_chapter_and_every_page()
    {
        var text = File.ReadAllText(Path.Combine(Root, "README.md"));
        var start = text.IndexOf("## Contents\n", StringComparison.Ordinal);
        var end = text.IndexOf("\n## ", start, StringComparison.Ordinal);
        var linked = Links().Matches(text[start..end]).Select(link => link.Groups[2].Value is { Length: > 0 } anchor ? $"{link.Groups[1].Value}#{anchor}" : link.Groups[1].Value).ToHashSet();
        var chapters = Headings(Path.Combine(Root, "README.md")).Skip(2).Select(heading => $"#{Anchor(heading)}");
        Assert.Superset(chapters.ToHashSet(), linked);
        Assert.Superset(new HashSet<string> { "docs/operating.md", "docs/recipes.md", "docs/rules.md", "SECURITY.md" }, linked);
    }

    private static IEnumerable<string> Headings(string path) =>
        Fences().Replace(File.ReadAllText(path), "").Split('\n').Where(line => HeadingLine().IsMatch(line)).Select(line => line.TrimStart('#').Trim());

    /// <summary>What GitHub calls a heading.</summary>
    private static string Anchor(string heading) =>
        new([.. heading.ToLowerInvariant().Where(sign => char.IsLetterOrDigit(sign) || sign is ' ' or '-' or '_').Select(sign => sign == ' ' ? '-' : sign)]);

    private static string FindRoot(string folder) => File.Exists(Path.Combine(folder, "VpnWs.sln")) ? folder : FindRoot(Path.GetDirectoryName(folder)!);

    [GeneratedRegex(@"\]\(([^)#\s]*)(?:#([^)\s]+))?\)")]
    private static partial Regex Links();

    [GeneratedRegex("^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fences();

    [GeneratedRegex("^##* ")]
    private static partial Regex HeadingLine();
}
