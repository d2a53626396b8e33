using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using VpnWs.Tests.Module;

namespace VpnWs.Tests.Help;

/// <summary>Writes the help of the cmdlets as <c>Get-Help</c> reads it (MAML), from their attributes and documentation comments.</summary>
internal static partial class MamlWriter
{
    private static readonly XNamespace Root = "http://msh";
    private static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    /// <summary>The whole help file.</summary>
    public static string Write(IEnumerable<CompiledCmdlet> cmdlets)
    {
        var items = new XElement(
            Root + "helpItems",
            new XAttribute("schema", "maml"),
            new XAttribute(XNamespace.Xmlns + "maml", Maml),
            new XAttribute(XNamespace.Xmlns + "command", Command),
            new XAttribute(XNamespace.Xmlns + "dev", Dev),
            cmdlets.Select(Write));
        return "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n" + items.ToString().ReplaceLineEndings("\n") + "\n";
    }

    private static XElement Write(CompiledCmdlet cmdlet) => new(
        Command + "command",
        new XElement(
            Command + "details",
            new XElement(Command + "name", cmdlet.Name),
            new XElement(Maml + "description", Para(DocComments.Summary(cmdlet.Type))),
            new XElement(Command + "verb", cmdlet.Verb),
            new XElement(Command + "noun", cmdlet.Noun)),
        new XElement(Maml + "description", DocComments.Remarks(cmdlet.Type).Prepend(DocComments.Summary(cmdlet.Type)).Select(Para)),
        new XElement(Command + "syntax", cmdlet.Sets.Select(set => Syntax(cmdlet, set))),
        new XElement(
            Command + "parameters",
            cmdlet.Parameters.OrderBy(static parameter => parameter.Name, StringComparer.Ordinal).Select(static parameter => Parameter(parameter, parameter.Uses[0])),
            CommonSwitches(cmdlet)),
        new XElement(Command + "inputTypes", InputTypes(cmdlet).Select(static name => new XElement(Command + "inputType", TypeOf(name)))),
        new XElement(Command + "returnValues", cmdlet.OutputTypes.Select(static type => new XElement(
            Command + "returnValue",
            TypeOf(type == typeof(void) ? "None" : type.FullName!),
            new XElement(Maml + "description", Para(type == typeof(void) ? "This cmdlet gives nothing." : DocComments.Summary(type)))))),
        new XElement(Command + "examples", DocComments.Examples(cmdlet.Type).Select(Example)),
        new XElement(
            Command + "relatedLinks",
            CompiledCmdlet.All.Where(other => other.Noun == cmdlet.Noun && other != cmdlet).Select(static other => other.Name).Append("about_VpnWs").Select(Link)));

    private static XElement Syntax(CompiledCmdlet cmdlet, string? set) => new(
        Command + "syntaxItem",
        new XElement(Maml + "name", cmdlet.Name),
        cmdlet.Parameters
            .Select(parameter => (Parameter: parameter, Use: parameter.In(set)))
            .Where(static pair => pair.Use is not null)
            .OrderBy(static pair => pair.Use!.Position ?? int.MaxValue)
            .ThenBy(static pair => !pair.Use!.IsMandatory)
            .Select(static pair => Parameter(pair.Parameter, pair.Use!)),
        CommonSwitches(cmdlet));

    private static XElement Parameter(CompiledParameter parameter, ParameterUse use) => Parameter(
        parameter.Name, DocComments.Summary(parameter), parameter.TypeName, parameter.IsSwitch, parameter.TakesWildcards, use.IsMandatory, use.FromPipeline, use.Position);

    private static IEnumerable<XElement> CommonSwitches(CompiledCmdlet cmdlet) => !cmdlet.SupportsShouldProcess ? [] :
    [
        Parameter("WhatIf", "Shows what would be done, and does nothing.", "SwitchParameter", true, false, false, false, null),
        Parameter("Confirm", "Asks before anything is done.", "SwitchParameter", true, false, false, false, null),
    ];

    private static XElement Parameter(string name, string text, string type, bool isSwitch, bool wildcards, bool mandatory, bool fromPipeline, int? position) => new(
        Command + "parameter",
        new XAttribute("required", Flag(mandatory)),
        new XAttribute("variableLength", "true"),
        new XAttribute("globbing", Flag(wildcards)),
        new XAttribute("pipelineInput", fromPipeline ? "True (ByValue)" : "False"),
        new XAttribute("position", position?.ToString(CultureInfo.InvariantCulture) ?? "named"),
        new XAttribute("aliases", name == "WhatIf" ? "wi" : name == "Confirm" ? "cf" : "none"),
        new XElement(Maml + "name", name),
        new XElement(Maml + "description", Para(text)),
        isSwitch ? null : new XElement(Command + "parameterValue", new XAttribute("required", "true"), new XAttribute("variableLength", "false"), type),
        TypeOf(type),
        new XElement(Dev + "defaultValue", isSwitch ? "False" : Default().Match(text) is { Success: true } match ? match.Groups[1].Value : "None"));

    private static List<string> InputTypes(CompiledCmdlet cmdlet)
    {
        var names = cmdlet.Parameters.Where(static parameter => parameter.Uses.Any(static use => use.FromPipeline))
            .Select(static parameter => parameter.Property.PropertyType).Select(static type => (type.GetElementType() ?? type).FullName!).Distinct().ToList();
        return names.Count == 0 ? ["None"] : names;
    }

    private static XElement Example((string Text, string Code) example, int index) => new(
        Command + "example",
        new XElement(Maml + "title", $"--------------- Example {index + 1} ---------------"),
        new XElement(Dev + "code", example.Code),
        new XElement(Dev + "remarks", Para(example.Text), Para("")));

    private static XElement Link(string name) => new(Maml + "navigationLink", new XElement(Maml + "linkText", name), new XElement(Maml + "uri"));

    private static XElement TypeOf(string name) => new(Dev + "type", new XElement(Maml + "name", name), new XElement(Maml + "uri"));

    private static XElement Para(string text) => new(Maml + "para", text);

    private static string Flag(bool value) => value ? "true" : "false";

    // The numbers among the defaults that the text tells.
    [GeneratedRegex("by default ([0-9][^;.,]*)")]
    private static partial Regex Default();
}
