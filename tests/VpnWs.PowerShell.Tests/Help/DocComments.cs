using System.Text.RegularExpressions;
using System.Xml.Linq;
using VpnWs.Tests.Module;

namespace VpnWs.Tests.Help;

/// <summary>The documentation comments of the module: what <c>Get-Help</c> shows is written there, beside the code that it is about.</summary>
internal static partial class DocComments
{
    private static readonly Dictionary<string, XElement> Members =
        XDocument.Load(Path.Combine(AppContext.BaseDirectory, "VpnWs.PowerShell.xml")).Descendants("member").ToDictionary(static member => (string)member.Attribute("name")!);

    /// <summary>The summary of a cmdlet or an object.</summary>
    public static string Summary(Type type) => Plain(Of(type).Element("summary"));

    /// <summary>The paragraphs of its remarks.</summary>
    public static IReadOnlyList<string> Remarks(Type type) => [.. Of(type).Elements("remarks").Elements("para").Select(Plain)];

    /// <summary>Its examples: what each shows, and its lines.</summary>
    public static IReadOnlyList<(string Text, string Code)> Examples(Type type) =>
    [
        .. Of(type).Elements("example").Select(static example =>
            (Plain(example.Element("para")), Unindented(example.Element("code")!.Value))),
    ];

    /// <summary>The summary of a parameter.</summary>
    public static string Summary(CompiledParameter parameter) =>
        Members.TryGetValue($"P:{parameter.Property.DeclaringType!.FullName}.{parameter.Name}", out var member) ? Plain(member.Element("summary")) : "";

    /// <summary>The lines without the indentation that the compiler gives to all but the first.</summary>
    private static string Unindented(string code)
    {
        var lines = code.Trim().Split('\n');
        var indentation = lines.Skip(1).Where(static line => line.Trim().Length > 0).Select(static line => line.Length - line.TrimStart().Length).DefaultIfEmpty(0).Min();
        return string.Join('\n', lines.Select((line, index) => (index == 0 ? line : line[Math.Min(indentation, line.Length)..]).TrimEnd()));
    }

    private static XElement Of(Type type) => Members.TryGetValue($"T:{type.FullName}", out var member) ? member : new XElement("member");

    private static string Plain(XElement? element) => element is null ? "" : Blanks().Replace(element.Value, " ").Trim();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
