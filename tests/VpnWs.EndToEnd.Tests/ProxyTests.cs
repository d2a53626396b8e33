using VpnWs.Tests.Framework;

namespace VpnWs.Tests;

/// <summary>Every web server of examples/proxies, with its own configuration file, in the real program.</summary>
public sealed class ProxyTests
{
    private const long Bytes = 20_000_000;

    public static TheoryData<string> Recipes => [.. ProxyRecipe.All.Select(recipe => recipe.File)];

    [Theory]
    [MemberData(nameof(Recipes))]
    public void Two_clients_meet_behind_it_and_meet_again_after_its_reload(string file)
    {
        Requires.Root();
        var recipe = ProxyRecipe.All.Single(known => known.File == file);
        Requires.Tool(recipe.Tool);
        using var world = new ReadmeWorld();
        var server = world.Start(world.Hub, recipe.ServerCommand);
        server.WaitForOutput("info: ready");
        var (proxy, path) = recipe.Start(world);
        var (one, two) = (world.AddMachine(2), world.AddMachine(3));
        foreach (var (machine, address) in (IEnumerable<(NetworkNamespace, string)>)[(one, "10.0.0.2/24"), (two, "10.0.0.3/24")])
            world.Start(machine, $"vpn-ws-client --address {address} vpn0 wss://user:password@vpn.example.com/vpn");
        Eventually.True("both have joined", () => Joined(server) == 2, TimeSpan.FromSeconds(20), () => $"{server}\n{proxy}");
        if (recipe.Text.Contains("HASH", StringComparison.Ordinal) || recipe.Text.Contains("htpasswd", StringComparison.Ordinal))
            Assert.Matches("joined from 10\\.77\\.0\\.[23] as user over", server.Output);
        Ping.WaitUntilReaches(one, "10.0.0.3");
        Transfer.Check(one, two, "10.0.0.3", Bytes);
        if (recipe.Tool != "uwsgi-core") AssertRefused(world, one);
        if (recipe.File == "nginx-uwsgi.conf")
            Assert.Contains("10.77.0.2", ProcessUnderTest.Run(one, "env", $"SSL_CERT_FILE={world.AuthorityFile}", ProgramPair.Ours.Server, "--status", "https://admin:secret@vpn.example.com/vpn_admin"), StringComparison.Ordinal);
        if (recipe.Reload is null) return;

        using var traffic = one.Start("ping", "-q", "-i", "0.05", "10.0.0.3");
        recipe.Reload(world, proxy, path);
        Ping.WaitUntilReaches(one, "10.0.0.3", TimeSpan.FromSeconds(20));
        Transfer.Check(two, one, "10.0.0.2", Bytes);
        if (recipe.KeepsTunnels) Assert.Equal(2, Joined(server));
        traffic.Signal(UnixSignal.Terminate);
    }

    private static int Joined(ProcessUnderTest server) => server.Output.Split('\n').Count(line => line.Contains(" joined from ", StringComparison.Ordinal));

    private static void AssertRefused(ReadmeWorld world, NetworkNamespace machine)
    {
        var stranger = world.Start(machine, "vpn-ws-client --once vpn9 wss://user:wrong@vpn.example.com/vpn");
        Assert.True(stranger.WaitForExit() == 3, stranger.ToString());
    }
}
