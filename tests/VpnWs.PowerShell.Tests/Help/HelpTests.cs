using System.Text.RegularExpressions;
using VpnWs.Tests.Module;

namespace VpnWs.Tests.Help;

/// <summary>The help file says what the code says, all of it.</summary>
public sealed class HelpTests
{
    private const string HelpFile = "VpnWs.PowerShell.dll-Help.xml";

    [Fact]
    public void The_help_file_is_what_the_comments_of_the_cmdlets_say()
    {
        var actual = MamlWriter.Write(CompiledCmdlet.All);
        var received = Path.Combine(AppContext.BaseDirectory, "received-" + HelpFile);
        File.WriteAllText(received, actual);
        Assert.True(ModuleFiles.Text(Path.Combine("en-US", HelpFile)) == actual, $"The help has changed. Copy {received} over module/en-US/{HelpFile}.");
    }

    [Fact]
    public void Every_cmdlet_has_a_summary_and_at_least_two_examples()
    {
        Assert.All(CompiledCmdlet.All, static cmdlet =>
        {
            Assert.NotEmpty(DocComments.Summary(cmdlet.Type));
            var examples = DocComments.Examples(cmdlet.Type);
            Assert.True(examples.Count >= 2, cmdlet.Name);
            Assert.All(examples, example => Assert.NotEmpty(example.Text));
            Assert.Contains(examples, example => example.Code.Contains(cmdlet.Name, StringComparison.Ordinal));
        });
    }

    [Fact]
    public void Every_parameter_is_described()
    {
        var silent = CompiledCmdlet.All.SelectMany(static cmdlet => cmdlet.Parameters.Where(static parameter => DocComments.Summary(parameter).Length == 0).Select(parameter => $"{cmdlet.Name} -{parameter.Name}"));
        Assert.Empty(silent);
    }

    [Fact]
    public void The_about_topic_names_every_error_id()
    {
        var sources = Directory.EnumerateFiles(Path.Combine(ModuleFiles.Root, "src", "VpnWs.PowerShell"), "*.cs", SearchOption.AllDirectories)
            .Where(static path => !path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Select(File.ReadAllText);
        var ids = sources.SelectMany(static text => Regex.Matches(text, "new LanException\\(\\s*\"(\\w+)\"|=> \\(\"(\\w+)\", ErrorCategory").Select(static match => match.Groups[1].Value + match.Groups[2].Value))
            .Concat(["TapNotFound", "ServerNotFound", "ConnectionNotFound", "NameInUse", "AccessDenied"]).Distinct().ToList();
        Assert.True(ids.Count > 20, "The search for error ids finds too few.");
        var about = ModuleFiles.Text(Path.Combine("en-US", "about_VpnWs.help.txt"));
        Assert.DoesNotContain(ids, id => id != "Failed" && !Regex.IsMatch(about, $@"\b{id}\b"));
    }
}
