using System.Management.Automation;
using System.Reflection;

namespace VpnWs.Tests.Module;

/// <summary>What every cmdlet of the module promises.</summary>
public sealed class CmdletTests
{
    private static readonly string[] Looking = ["Get", "Watch", "Receive"];

    [Fact]
    public void All_of_them_are_there() => Assert.Equal(15, CompiledCmdlet.All.Count);

    [Fact]
    public void Verbs_are_approved()
    {
        var approved = typeof(VerbsCommon).Assembly.GetTypes()
            .Where(static type => type.IsPublic && type.Name.StartsWith("Verbs", StringComparison.Ordinal))
            .SelectMany(static type => type.GetFields(BindingFlags.Public | BindingFlags.Static))
            .Select(static field => field.Name).ToHashSet();
        Assert.Contains("Connect", approved);
        Assert.DoesNotContain(CompiledCmdlet.All, cmdlet => !approved.Contains(cmdlet.Verb));
    }

    [Fact]
    public void Output_types_are_declared() => Assert.DoesNotContain(CompiledCmdlet.All, static cmdlet => cmdlet.OutputTypes.Count == 0);

    [Fact]
    public void Whatever_changes_something_asks_first() =>
        Assert.DoesNotContain(CompiledCmdlet.All, static cmdlet => cmdlet.SupportsShouldProcess == Looking.Contains(cmdlet.Verb));

    [Fact]
    public void Every_name_of_a_wildcard_parameter_is_completed() => Assert.DoesNotContain(
        CompiledCmdlet.All.SelectMany(static cmdlet => cmdlet.Parameters),
        static parameter => parameter.Name is "Name" or "Server" && parameter.TakesWildcards && !CompiledCmdlet.Attributes(parameter.Property, nameof(ArgumentCompleterAttribute)).Any());
}
