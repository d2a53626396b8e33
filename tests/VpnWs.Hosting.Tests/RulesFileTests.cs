using VpnWs.Hosting;
using VpnWs.Switching.Guards;

namespace VpnWs.Tests.Hosting;

public sealed class RulesFileTests : IDisposable
{
    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void A_broken_file_is_refused_with_its_line_and_the_old_rules_stay()
    {
        var path = _scratch.Write("rules.json", """{ "rules": [ { "user": "ada" } ] }""");
        var rules = new Reloadable<PeerRules>("rules", () => RulesFile.Load(path), path);
        var told = new List<int>();
        rules.Reloaded += current => told.Add(current.Rules.Count);
        _scratch.Write("rules.json", "{ \"rules\": [\n { \"colour\": \"red\" } ] }");
        Assert.Equal(new ReloadOutcome("rules", $"{path}: line 2: there is no setting 'colour'"), rules.Reload());
        Assert.Single(rules.Current.Rules);
        _scratch.Write("rules.json", """{ "rules": [ {}, {} ] }""");
        Assert.Equal(new ReloadOutcome("rules", null), rules.Reload());
        Assert.Equal(2, rules.Current.Rules.Count);
        Assert.Equal([2], told);
        _scratch.Write("rules.json", "{ \"rules\": [ x ] }");
        Assert.Equal($"{path}: line 1: rules[0]: 'x' is an invalid start of a value", rules.Reload().Fault);
        Assert.Equal(rules.Reload().Fault, Assert.Throws<ProgramException>(() => RulesFile.Load(path)).Message);
        Assert.Equal($"cannot read {_scratch.Path("none")}: there is no such file", Assert.Throws<ProgramException>(() => RulesFile.Load(_scratch.Path("none"))).Message);
    }

    [Fact]
    public void The_example_of_the_manual_is_a_rules_file()
    {
        var manual = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "rules.md"));
        var example = manual.Split("<!-- tested: rules -->")[1].Split("```json\n")[1].Split("```")[0];
        var rules = PeerRules.Parse(System.Text.Encoding.UTF8.GetBytes(example));
        Assert.Equal(["gateway", "guest-*", "printer", "CN=*,OU=Lab,O=Example", "mallory"], rules.Rules.Select(rule => rule.Name ?? rule.User ?? rule.Dn));

        // The table of settings has them all.
        var all = new PortLimits
        {
            Bridge = true,
            MaxMacs = 1,
            Macs = [],
            Ips = [],
            DhcpGuard = true,
            RouterGuard = true,
            IsolationGroup = "x",
            TaggedVlans = [],
            UploadLimit = 1,
            DownloadLimit = 1,
            StormLimit = 1,
            UnknownLimit = 1,
            FrameLimit = 1,
        };
        using var json = System.Text.Json.JsonDocument.Parse(all.ToString());
        Assert.All(json.RootElement.EnumerateObject().Select(setting => setting.Name).Append("vlan").Append("deny").Append("user").Append("dn").Append("name"), setting => Assert.Contains($"| `{setting}` |", manual, StringComparison.Ordinal));
    }
}
