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
            (Plain(example.Element("para")), string.Join('\n', example.Element("code")!.Value.Trim().Split('\n').Select(static line => line.TrimEnd())))),
    ];

    /// <summary>The summary of a parameter.</summary>
    public static string Summary(CompiledParameter parameter) =>
        Members.TryGetValue($"P:{parameter.Property.DeclaringType!.FullName}.{parameter.Name}", out var member) ? Plain(member.Element("summary")) : "";

    private static XElement Of(Type type) => Members.TryGetValue($"T:{type.FullName}", out var member) ? member : new XElement("member");

    private static string Plain(XElement? element) => element is null ? "" : Blanks().Replace(element.Value, " ").Trim();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
