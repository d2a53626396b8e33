using System.Globalization;
using System.Text.RegularExpressions;
using VpnWs.Server;
using VpnWs.ServerProgram;

namespace VpnWs.Tests.Hosting;

/// <summary>SECURITY.md names only tests that are there, and states the defaults that the server has.</summary>
public sealed partial class SecurityNoteTests
{
    private static readonly string Root = Find(AppContext.BaseDirectory);
    private static readonly string Note = File.ReadAllText(Path.Combine(Root, "SECURITY.md"));

    [Fact]
    public void Every_test_that_it_names_is_there()
    {
        var named = Names().Matches(Note).Select(match => match.Groups[1].Value).Distinct().ToList();
        Assert.True(named.Count > 20, $"{named.Count} tests are named.");
        var files = Directory.GetFiles(Path.Combine(Root, "tests"), "*.cs", SearchOption.AllDirectories).Select(Path.GetFileNameWithoutExtension).ToHashSet();
        Assert.All(named, name => Assert.Contains(name, files));
        Assert.All(Scripts().Matches(Note), match => Assert.True(File.Exists(Path.Combine(Root, match.Value)), match.Value));
    }

    [Fact]
    public void Every_option_that_it_names_is_there_with_its_default()
    {
        var options = new ServerCommand().Options.ToDictionary(option => option.Name, option => option.Description!);
        foreach (Match row in Rows().Matches(Note))
        {
            var stated = row.Groups[1].Value.Split(' ')[0].TrimEnd(',');
            foreach (Match option in OptionNames().Matches(row.Groups[2].Value)) Assert.Contains($"Default: {stated}.", options[option.Value], StringComparison.Ordinal);
        }

        var defaults = new VpnWsServerOptions();
        foreach (var number in (int[])[defaults.MaxHeadLength, defaults.MaxControlRequests, defaults.MaxAddressesPerBridge])
            Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"| {number}"), Note, StringComparison.Ordinal);
    }

    private static string Find(string folder) => File.Exists(Path.Combine(folder, "VpnWs.sln")) ? folder : Find(Path.GetDirectoryName(folder)!);

    [GeneratedRegex("`([A-Z][A-Za-z]+(?:Tests|Properties))`")]
    private static partial Regex Names();

    [GeneratedRegex(@"tests/[a-z/]+\.sh")]
    private static partial Regex Scripts();

    [GeneratedRegex(@"(?m)^\| [^|]+ \| (\d[^|]*) \| ([^|]*--[^|]*) \|")]
    private static partial Regex Rows();

    [GeneratedRegex("--[a-z-]+")]
    private static partial Regex OptionNames();
}
