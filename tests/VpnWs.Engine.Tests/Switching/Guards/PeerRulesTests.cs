using System.Net;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using VpnWs.Ethernet;
using VpnWs.Switching.Guards;

namespace VpnWs.Tests.Switching.Guards;

public sealed class PeerRulesTests
{
    private static readonly Config Fixed = Config.QuickThrowOnFailure.WithReplay(42, 17).WithMaxTest(1000);

    [Theory]
    [InlineData("ada", "ada", true)]
    [InlineData("ada", "Ada", false)]
    [InlineData("a*", "ada", true)]
    [InlineData("*", "ada", true)]
    [InlineData("*a*a*", "ada", true)]
    [InlineData("a?a", "ada", true)]
    [InlineData("a?", "ada", false)]
    [InlineData("?*?*?", "ada", true)]
    [InlineData("?*?*?*?", "ada", false)]
    [InlineData("*ab", "aab", true)]
    [InlineData("CN=*,O=Example", "CN=ada,OU=x,O=Example", true)]
    [InlineData("[a-z]*", "ada", false)]
    public void Wildcards_stand_for_any_text(string pattern, string text, bool expected) => Assert.Equal(expected, Wildcard.Fits(pattern, text));

    [Fact]
    public void Wildcards_agree_with_a_naive_reading_of_them() => Check.One(Fixed, Prop.ForAll(
        Arb.From(Gen.ArrayOf(Gen.Elements('a', 'b', '*', '?'), 8)), Arb.From(Gen.ArrayOf(Gen.Elements('a', 'b'), 8)), (pattern, text) =>
            Enumerable.Range(0, 9).All(length => Wildcard.Fits(pattern, text.AsSpan(0, length)) == Naive(new string(pattern), new string(text, 0, length)))));

    [Fact]
    public void To_judge_a_peer_makes_nothing_of_the_rules_anew()
    {
        var rules = new PeerRules([.. Enumerable.Range(0, 100).Select(static i => new PeerRule { Dn = $@"CN=x\,{i},*" })]);
        var least = long.MaxValue;
        for (var i = 0; i < 10; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            rules.Judge("ada", "CN=ada");
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    [Fact]
    public void The_first_rule_that_fits_holds_over_the_defaults()
    {
        var rules = PeerRules.Parse("""
            {
                // Everybody:
                "defaults": { "stormLimit": 500, "uploadLimit": "20M" },
                "rules": [
                    { "user": "gw", "dn": "CN=gw", "bridge": true, "dhcpGuard": false, "stormLimit": 0, },
                    { "user": "g*", "name": "guests", "vlan": 10 },
                    { "dn": "CN=bad*", "deny": true },
                    { "user": "*", "taggedVlans": [1, "10-19"] },
                ],
            }
            """u8);
        Assert.Equal(4, rules.Rules.Count);
        Assert.Equal(
            """gw, CN=gw False {"bridge":true,"dhcpGuard":false,"routerGuard":true,"vlan":0,"uploadLimit":20000000,"stormLimit":0}""", Judge("gw", "CN=gw"));
        Assert.Equal("""guests False {"bridge":false,"dhcpGuard":true,"routerGuard":true,"vlan":10,"uploadLimit":20000000,"stormLimit":500}""", Judge("gw", "CN=other"));
        Assert.Equal("""* False {"bridge":false,"dhcpGuard":true,"routerGuard":true,"taggedVlans":[1,"10-19"],"uploadLimit":20000000,"stormLimit":500}""", Judge("ada", null));
        Assert.StartsWith("CN=bad* True ", Judge(null, "CN=bad1"), StringComparison.Ordinal);

        // A stranger has no user, so that no rule for users is for him.
        Assert.Equal(""" False {"bridge":false,"dhcpGuard":true,"routerGuard":true,"vlan":0,"uploadLimit":20000000,"stormLimit":500}""", Judge(null, null));
        Assert.Equal(Judge(null, null), Judge("", ""));

        string Judge(string? user, string? dn) => rules.Judge(user, dn) is var verdict ? $"{verdict.Rule} {verdict.IsDenied} {verdict.Limits}" : "";
    }

    [Theory]
    [InlineData("{\n\"rules\": [\n{ \"usr\": \"x\" }\n] }", "line 3: there is no setting 'usr'")]
    [InlineData("{\n\"rules\": [\n{ \"user\": 7 }\n] }", "line 3: rules[0].user cannot have this value")]
    [InlineData("{ \"rules\": [ {},\n{ \"bridge\": \"yes\" } ] }", "line 2: rules[1].bridge cannot have this value")]
    [InlineData("{ \"rules\": [\n\n{ \"macs\": [ \"02:00\" ] } ] }", "line 3: rules[0].macs[0]: this is no MAC address, such as \"02:00:00:00:00:01\"")]
    [InlineData("{ \"rules\": [ { \"ips\": [ \"10.1\" ] } ] }", "line 1: rules[0].ips[0]: this is no IP address and no network, such as \"10.0.0.7\" or \"fd00:1::/64\"")]
    [InlineData("{ \"rules\": [ { \"ips\": [ \"10.0.0.7/24\" ] } ] }", "line 1: rules[0].ips[0]: this is no IP address")]
    [InlineData("{ \"rules\": [ { \"uploadLimit\": \"20X\" } ] }", "line 1: rules[0].uploadLimit: this is no whole number, such as 1000 or \"20M\"")]
    [InlineData("{ \"rules\": [ { \"taggedVlans\": [ \"20-10\" ] } ] }", "line 1: rules[0].taggedVlans[0]: '20-10' is no VLAN")]
    [InlineData("{ \"rules\": [ { \"user\": \"a\", \"user\": \"b\" } ] }", "line 1: the setting 'user' is there twice")]
    [InlineData("{ \"rules\": [ {}\n{} ] }", "line 2: ")]
    [InlineData("{ \"rules\": [ {", "line 1: ")]
    [InlineData("", "line 1: ")]
    [InlineData("[]", "line 1: this is not { ... }")]
    [InlineData("null", "line 1: this is not")]
    [InlineData("{}", "line 1: ")]
    [InlineData("{ \"rules\": [ { \"vlan\": 4095 } ] }", "line 1: rule 1: vlan must be from 0 to 4094")]
    [InlineData("{ \"rules\": [ {},\n{}, // {\n\n{ \"vlan\": 1, \"taggedVlans\": [ 2 ] } ] }", "line 4: rule 3: give vlan (without tags) or taggedVlans, not both")]
    [InlineData("{ \"rules\": [ { \"maxMacs\": 0 } ] }", "line 1: rule 1: maxMacs must be from 1 to 1000000")]
    [InlineData("{ \"rules\": [ { \"stormLimit\": -1 } ] }", "line 1: rule 1: a limit must be from 0 (none)")]
    [InlineData("{\n\"defaults\": { \"ips\": [] }, \"RULES\": [\n{ \"user\": \"\" } ] }", "line 3: rule 1: an empty user or dn fits nobody")]
    [InlineData("{ \"rules\": [ { \"macs\": [ \"01:00:5e:00:00:01\" ] } ] }", "line 1: rule 1: 01:00:5e:00:00:01 is a group")]
    [InlineData("{ \"rules\": [],\n\"defaults\":\n{ \"vlan\": -1 } }", "line 3: defaults: vlan must be")]
    [InlineData("{ \"rules\": [ {},\nnull ] }", "line 2: rule 2: this is not { ... }")]
    [InlineData("{\n\"rules\": null }", "line 2: rules is not [ ... ]")]
    [InlineData("{ \"rules\": [ { \"macs\": [ null ] } ] }", "line 1: rules[0].macs[0]")]
    [InlineData("{ \"rules\": [ { \"ips\": [ null ] } ] }", "line 1: rules[0].ips[0]")]
    [InlineData("{ \"rules\": [ { \"taggedVlans\": [ null ] } ] }", "line 1: rules[0].taggedVlans[0]")]
    [InlineData("{ \"rules\": [ { \"user\": \"a\", \"User\": \"b\" } ] }", "line 1: the setting 'user' is there twice")]
    [InlineData("{ \"rules\": [ { \"maxMacs\": 1e400 } ] }", "line 1: rules[0].maxMacs cannot have this value")]
    [InlineData("{ \"rules\": [ { \"uploadLimit\": 99999999999999999999 } ] }", "line 1: rules[0].uploadLimit: this is no whole number")]
    [InlineData("{ \"rules\": [ { \"user\": \"\\ud800\" } ] }", "line 1: ")]
    public void What_is_wrong_is_told_with_its_place(string text, string message)
    {
        var e = Assert.Throws<FormatException>(() => PeerRules.Parse(Encoding.UTF8.GetBytes(text)));
        Assert.StartsWith(message, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("VpnWs", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Theory]
    [InlineData("CN=*,O=Example", "CN=ada,O=Example", true)]
    [InlineData("CN=*,O=Example", @"CN=eve\,O=Example", false)]
    [InlineData("CN=*,O=Example", @"CN=eve\\,O=Example", true)]
    [InlineData("CN=?O=Example", @"CN=\,O=Example", true)]
    [InlineData(@"CN=eve\,*", @"CN=eve\,O=Example", true)]
    [InlineData(@"CN=eve\,*", "CN=eve,O=Example", false)]
    [InlineData(@"CN=\*", @"CN=\*", true)]
    [InlineData(@"CN=\*", @"CN=\eve", false)]
    public void A_comma_within_a_name_does_not_part_a_subject(string pattern, string subject, bool fits) =>
        Assert.Equal(fits ? "it" : "", new PeerRules([new PeerRule { Dn = pattern, Name = "it" }]).Judge(null, subject).Rule);

    [Fact]
    public void Rules_have_bounds_and_files_that_go_deep_or_are_of_another_encoding_are_told_of()
    {
        Assert.Equal(10_000, PeerRules.Parse(Rules(10_000, "{}")).Rules.Count);
        Refused("line 1: rule 10001: there may be 10000 rules at most", Rules(10_001, "{}"));
        Refused("line 1: rule 1: there may be 32 ips at most", Rules(1, $$"""{ "ips": [ {{List(33, i => $"\"10.0.0.{i}\"")}} ] }"""));
        Refused("line 1: rule 1: there may be 1024 macs at most", Rules(1, $$"""{ "macs": [ {{List(1025, i => $"\"02:00:00:00:{i / 256:x2}:{i % 256:x2}\"")}} ] }"""));
        Refused("line 1: rule 1: there may be 1024 taggedVlans at most", Rules(1, $$"""{ "taggedVlans": [ {{List(1025, i => $"{i}")}} ] }"""));
        foreach (var setting in new[] { "name", "isolationGroup" })
        {
            Assert.Single(PeerRules.Parse(Rules(1, $$"""{ "{{setting}}": "{{new string('x', 256)}}" }""")).Rules);
            Refused($"line 1: rule 1: {setting} may have 256 signs at most", Rules(1, $$"""{ "{{setting}}": "{{new string('x', 257)}}" }"""));
        }

        Refused("line 1: rule 1: user and dn may have 1024 signs at most", Rules(1, $$"""{ "user": "{{new string('*', 1025)}}" }"""));
        Refused("line 1: ", Encoding.UTF8.GetBytes("""{ "rules": """ + new string('[', 100_000)));
        Refused("line 1: ", Encoding.Unicode.GetBytes("""{ "rules": [] }"""));
        Refused("line 1: ", [.. "{ \"rules\": [ { \"user\": \""u8, 0xff, .. "\" } ] }"u8]);
        Assert.Empty(PeerRules.Parse([0xef, 0xbb, 0xbf, .. "{ \"rules\": [] }"u8]).Rules);

        static byte[] Rules(int count, string rule) => Encoding.UTF8.GetBytes($$"""{ "rules": [ {{List(count, _ => rule)}} ] }""");

        static string List(int count, Func<int, string> item) => string.Join(',', Enumerable.Range(0, count).Select(item));

        static void Refused(string message, byte[] text) => Assert.StartsWith(message, Assert.Throws<FormatException>(() => PeerRules.Parse(text)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Limits_are_written_as_they_are_read()
    {
        var limits = new PortLimits
        {
            Bridge = true,
            MaxMacs = 3,
            Macs = [MacAddress.Parse("02:00:00:00:00:01")],
            Ips = [IPNetwork.Parse("10.0.0.7/32"), IPNetwork.Parse("fd00::/64")],
            DhcpGuard = false,
            RouterGuard = true,
            IsolationGroup = "gäste",
            TaggedVlans = [new VlanRange(0, 4094)],
            UploadLimit = 1_500_000_000,
            DownloadLimit = 0,
            StormLimit = 1,
            UnknownLimit = 2,
            FrameLimit = 3,
        };
        Assert.Equal(
            """{"bridge":true,"maxMacs":3,"macs":["02:00:00:00:00:01"],"ips":["10.0.0.7","fd00::/64"],"dhcpGuard":false,"routerGuard":true,"isolationGroup":"gäste","taggedVlans":["0-4094"],"uploadLimit":1500000000,"downloadLimit":0,"stormLimit":1,"unknownLimit":2,"frameLimit":3}""",
            limits.ToString());
        Assert.Equal(limits.ToString(), PortLimits.Parse(Encoding.UTF8.GetBytes(limits.ToString())).ToString());
        Assert.Equal(1_500_000_000, PortLimits.Parse("""{ "UploadLimit": "1.5G" }"""u8).UploadLimit);
    }

    [Fact]
    public void Whatever_the_text_nothing_but_a_sentence_comes_of_it()
    {
        var seed = """{"defaults":{"stormLimit":5},"rules":[{"user":"a*","macs":["02:00:00:00:00:01"],"ips":["10.0.0.0/8"],"taggedVlans":[1,"2-3"],"uploadLimit":"20M"}]}""";
        var texts =
            from changes in Gen.ListOf(Gen.Zip(Gen.Choose(0, seed.Length - 1), Gen.Choose(0, 255)))
            from length in Gen.Choose(0, seed.Length)
            select Mutated(Encoding.UTF8.GetBytes(seed), changes, length);
        Check.One(Fixed, Prop.ForAll(Arb.From(texts), text =>
        {
            try
            {
                return PeerRules.Parse(text).Rules.Count >= 0;
            }
            catch (FormatException e)
            {
                return e.Message.Length > 0;
            }
        }));
    }

    private static byte[] Mutated(byte[] text, IEnumerable<(int At, int Value)> changes, int length)
    {
        foreach (var (at, value) in changes) text[at] = (byte)value;
        return text[..length];
    }

    private static bool Naive(string pattern, string text) =>
        pattern.Length == 0 ? text.Length == 0
        : pattern[0] == '*' ? Naive(pattern[1..], text) || (text.Length > 0 && Naive(pattern, text[1..]))
        : text.Length > 0 && (pattern[0] == '?' || pattern[0] == text[0]) && Naive(pattern[1..], text[1..]);
}
