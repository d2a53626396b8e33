using VpnWs.Tests.Framework;

namespace VpnWs.Tests;

/// <summary>The program with --rules: guards on real traffic, and a rules file that changes.</summary>
public sealed class RulesTests
{
    [Fact]
    public void Rules_hold_for_kernels_are_reloaded_and_a_broken_file_is_refused_with_its_line()
    {
        using var scratch = new Scratch();
        var rules = scratch.Write("rules.json", """{ "rules": [ { "ips": [ "10.88.0.0/16" ], "isolationGroup": "all" } ] }""");
        using var lan = Lan.Start(new LanOptions { ServerTap = true, ServerOptions = ["--rules", rules] });
        var (one, two) = (lan.Clients[0], lan.Clients[1]);
        lan.WaitUntilJoined();
        Ping.WaitUntilReaches(one.Machine, Lan.ServerTapAddress);

        File.WriteAllText(rules, "{ \"rules\": [\n { \"ip\": 7 } ] }");
        lan.Server.Signal(UnixSignal.HangUp);
        lan.Server.WaitForOutput($"warn: cannot reload the rules, the old one stays: {rules}: line 2: there is no setting 'ip'");
        Ping.WaitUntilReaches(two.Machine, Lan.ServerTapAddress);
        Assert.Contains("isolationGroup", Limits(lan), StringComparison.Ordinal);

        // Noticed without a signal, too.
        File.WriteAllText(rules, """{ "rules": [ { "ips": [ "10.88.0.0/16" ] } ] }""");
        lan.Server.WaitForOutput("info: new rules: 1; they change what 2 connected peers may do");
        Assert.DoesNotContain("isolationGroup", Limits(lan), StringComparison.Ordinal);
        Ping.WaitUntilReaches(one.Machine, two.Address);

        File.WriteAllText(rules, """{ "rules": [ { "ips": [ "10.99.0.1" ] } ] }""");
        Eventually.True("the last rules hold", () => Limits(lan).Contains("10.99.0.1", StringComparison.Ordinal), state: lan.Server.ToString);
        Assert.False(Ping.Reaches(one.Machine, Lan.ServerTapAddress));
        lan.Server.WaitForOutput("they come from an IP address that it may not use");
    }

    [Fact]
    public void A_broken_rules_file_ends_the_start()
    {
        using var scratch = new Scratch();
        var rules = scratch.Write("rules.json", "{ \"rules\": [ {}\n, { \"vlan\": \"ten\" } ] }");
        using var server = ProcessUnderTest.Start(null, ProgramPair.Ours.Server, "--rules", rules, scratch.PathOf("s"));
        Assert.True(server.WaitForExit() == 1, server.ToString());
        Assert.Contains($"{rules}: line 2: rules[1].vlan cannot have this value", Assert.Single(server.Output.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    private static string Limits(Lan lan) => lan.Control.Peers[^1].Json.GetProperty("limits").GetRawText();
}
