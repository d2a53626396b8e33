using System.Globalization;
using System.Xml.Linq;

namespace VpnWs.Tests.Module;

/// <summary>The views of the module's objects.</summary>
public sealed class ViewTests
{
    private const int MaxWidth = 100;
    private static readonly XDocument Views = XDocument.Parse(ModuleFiles.Text("VpnWs.Format.ps1xml"));
    private static readonly XDocument Types = XDocument.Parse(ModuleFiles.Text("VpnWs.Types.ps1xml"));

    private static IEnumerable<Type> Emitted => CompiledCmdlet.All.SelectMany(static cmdlet => cmdlet.OutputTypes).Where(static type => type != typeof(void)).Distinct();

    [Fact]
    public void Whatever_is_emitted_has_a_table_and_a_list()
    {
        Assert.True(Emitted.Count() >= 6);
        Assert.All(Emitted, static type =>
        {
            Assert.Contains(Of(type), static view => view.Element("TableControl") is not null);
            Assert.Contains(Of(type), static view => view.Element("ListControl") is not null);
            Assert.Contains(Types.Descendants("Type"), entry => (string?)entry.Element("Name") == type.FullName);
        });
    }

    [Fact]
    public void Tables_fit_a_hundred_columns() => Assert.All(Views.Descendants("TableControl"), static table =>
    {
        var columns = table.Descendants("TableColumnHeader").ToList();
        var fixedWidth = columns.Sum(static column => (int?)column.Element("Width") ?? 0) + columns.Count - 1;
        var rest = columns.Count(static column => column.Element("Width") is null);
        Assert.True(fixedWidth + (10 * rest) <= MaxWidth, string.Create(CultureInfo.InvariantCulture, $"{table.Parent!.Element("Name")!.Value}: {fixedWidth}"));
        Assert.True(rest <= 1 && (rest == 0 || columns[^1].Element("Width") is null), "Only the last column has no width.");
        Assert.Equal(columns.Count, table.Descendants("TableColumnItem").Count());
    });

    [Fact]
    public void Views_name_properties_that_are_there() => Assert.All(Emitted, static type =>
    {
        var known = type.GetProperties().Select(static property => property.Name).ToHashSet();
        var entry = Types.Descendants("Type").Single(entry => (string?)entry.Element("Name") == type.FullName);
        Assert.Subset(known, entry.Descendants("ReferencedProperties").Elements("Name").Select(static name => name.Value).ToHashSet());
        Assert.Subset(known, Of(type).Descendants("PropertyName").Select(static name => name.Value).ToHashSet());
    });

    [Fact]
    public void Peers_have_the_views_Mac_and_Traffic() =>
        Assert.Subset(Views.Descendants("View").Select(static view => view.Element("Name")!.Value).ToHashSet(), new HashSet<string> { "Mac", "Traffic" });

    private static IEnumerable<XElement> Of(Type type) => Views.Descendants("View").Where(view => (string?)view.Element("ViewSelectedBy")?.Element("TypeName") == type.FullName);
}
