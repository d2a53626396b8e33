using VpnWs.Tests.Framework;

namespace VpnWs.Tests;

/// <summary>What is left of root's rights, as the kernel sees it.</summary>
public sealed class PrivilegeTests
{
    private const int Nobody = 65534;

    // CAP_NET_ADMIN and CAP_NET_RAW.
    private const ulong NetworkCapabilities = (1UL << 12) | (1UL << 13);
    private static readonly string[] ToNobody = ["--uid", "nobody", "--gid", "nogroup"];

    [Fact]
    public void The_server_drops_user_group_and_supplementary_groups_and_serves_on()
    {
        using var lan = Lan.Start(new LanOptions { ServerTap = true, ServerOptions = ToNobody });
        AssertIsNobody(lan.Server);
        Ping.WaitUntilReaches(lan.Clients[0].Machine, Lan.ServerTapAddress);
        Ping.WaitUntilReaches(lan.Clients[0].Machine, lan.Clients[1].Address);
    }

    [Fact]
    public void The_client_drops_user_group_and_supplementary_groups_and_still_reconnects()
    {
        using var lan = Lan.Start(new LanOptions { Clients = 1, ServerTap = true });
        var client = lan.Join(new LanClientOptions { Options = ToNobody });
        lan.WaitUntilJoined();
        AssertIsNobody(client.Process);
        Ping.WaitUntilReaches(client.Machine, Lan.ServerTapAddress);

        lan.Server.Signal(UnixSignal.Kill);
        lan.Server.WaitForExit();
        lan.RestartServer();
        lan.WaitUntilJoined(TimeSpan.FromSeconds(40));
        Ping.WaitUntilReaches(client.Machine, lan.Clients[0].Address);
    }

    [Fact]
    public void Numbers_do_as_well_as_names()
    {
        using var lan = Lan.Start(new LanOptions { Clients = 0, ServerOptions = ["--uid", "12345", "--gid", "23456"] });
        Eventually.Equal("the user is changed", 12345, () => lan.Server.Vitals.UserIds[0]);
        Assert.All(lan.Server.Vitals.GroupIds, id => Assert.Equal(23456, id));
    }

    [Theory]
    [InlineData("--uid")]
    [InlineData("--gid")]
    public void An_unknown_name_ends_the_server_and_nothing_stays(string option)
    {
        Requires.Root();
        using var scratch = new Scratch();
        using var hub = new NetworkNamespace("hub");
        var socket = scratch.PathOf("vpn.sock");
        using var server = hub.Start(ProgramPair.Ours.Server, "--tuntap", Lan.TapName, option, "no-such-name", socket);
        Assert.InRange(server.WaitForExit(), 1, 2);
        Assert.Contains("no-such-name", server.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(socket));
        Assert.False(hub.HasLink(Lan.TapName));
    }

    [Fact]
    public void Once_started_no_thread_may_gain_rights_and_no_password_is_in_ps()
    {
        using var lan = Lan.Start(new LanOptions { Clients = 0, ServerTap = true });
        var client = lan.Join(new LanClientOptions { Url = $"ws://ada:love-lace@{Lan.HubAddress}:{Lan.HttpPort}/vpn" });
        lan.WaitUntilJoined();
        foreach (var process in (ProcessUnderTest[])[lan.Server, client.Process])
        {
            Assert.All(process.Vitals.OfThreads("NoNewPrivs"), value => Assert.Equal("1", value));
            Assert.All(process.Vitals.OfThreads("Seccomp"), value => Assert.Equal("2", value));
            Assert.All(process.Vitals.OfThreads("CapPrm").Concat(process.Vitals.OfThreads("CapEff")), AssertOnlyOfTheNetwork);
            Assert.Empty(process.Vitals.DiagnosticFiles);
        }

        Assert.Contains($"ws://ada:xxxxxxxxx@{Lan.HubAddress}", client.Process.Vitals.CommandLine, StringComparison.Ordinal);
        Ping.WaitUntilReaches(client.Machine, Lan.ServerTapAddress);
        // What was kept is enough to open a tap again.
        lan.Hub.Ip($"link delete {Lan.TapName}");
        Eventually.True("the server's tap is back", () => lan.Hub.HasLink(Lan.TapName));

        static void AssertOnlyOfTheNetwork(string capabilities) =>
            Assert.Equal(0UL, ulong.Parse(capabilities, System.Globalization.NumberStyles.HexNumber, null) & ~NetworkCapabilities);
    }

    private static void AssertIsNobody(ProcessUnderTest process)
    {
        Eventually.Equal("the user is nobody", Nobody, () => process.Vitals.UserIds[0]);
        var vitals = process.Vitals;
        Assert.All(vitals.UserIds, id => Assert.Equal(Nobody, id));
        Assert.All(vitals.GroupIds, id => Assert.Equal(Nobody, id));
        Assert.All(vitals.SupplementaryGroups, id => Assert.Equal(Nobody, id));
        Assert.Equal(0UL, ulong.Parse(vitals.EffectiveCapabilities, System.Globalization.NumberStyles.HexNumber, null));
    }
}
