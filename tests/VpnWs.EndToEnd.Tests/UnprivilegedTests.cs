using VpnWs.Tests.Framework;

namespace VpnWs.Tests;

/// <summary>The programs in the hands of an ordinary user.</summary>
public sealed class UnprivilegedTests
{
    private static readonly string[] AsNobody = ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups"];

    [Fact]
    public void Without_the_right_to_make_a_tap_the_ways_out_are_named()
    {
        Requires.Root();
        using var scratch = new Scratch();
        using var machine = new NetworkNamespace("ordinary");
        var programs = CopyPrograms(scratch);
        var socket = Path.Combine(Path.GetTempPath(), $"{Path.GetFileName(scratch.Folder)}.sock");
        foreach (var words in (string[][])[[programs.Server, "--tuntap", "vpn0", socket], [programs.Client, "vpn0", "ws://127.0.0.1:9/"]])
        {
            using var program = machine.Start([.. WithOpenTunDevice(scratch), .. AsNobody, .. words]);
            Assert.Equal(1, program.WaitForExit());
            var line = Assert.Single(program.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            Assert.All(["root", "CAP_NET_ADMIN", "persistent"], way => Assert.Contains(way, line, StringComparison.OrdinalIgnoreCase));
            Assert.False(machine.HasLink("vpn0"));
            Assert.False(File.Exists(socket));
        }
    }

    [Fact]
    public void On_a_tap_made_for_them_an_ordinary_user_can_run_the_client()
    {
        using var lan = Lan.Start(new LanOptions { Clients = 1 });
        var programs = CopyPrograms(lan.Scratch);
        var machine = lan.AddMachine("ordinary", 50);
        machine.Ip($"tuntap add {Lan.TapName} mode tap user nobody");
        machine.Ip($"addr add 10.88.0.50/24 dev {Lan.TapName}");
        machine.Ip($"link set {Lan.TapName} up");
        using var client = machine.Start([.. WithOpenTunDevice(lan.Scratch), .. AsNobody, programs.Client, Lan.TapName, lan.Url]);
        Ping.WaitUntilReaches(lan.Clients[0].Machine, "10.88.0.50");
        client.Signal(UnixSignal.Terminate);
        Assert.Equal(0, client.WaitForExit());
        Assert.True(machine.HasLink(Lan.TapName), "A persistent tap outlives the client.");
    }

    [Fact]
    public void Without_a_tap_an_ordinary_user_can_run_the_server()
    {
        Requires.Root();
        using var scratch = new Scratch();
        var programs = CopyPrograms(scratch);
        using var hub = new NetworkNamespace("hub");
        using var server = hub.Start([.. AsNobody, programs.Server, "--http", "127.0.0.1:8080"]);
        Eventually.True("it answers", () => IsListening(hub), state: server.ToString);
        using var peer = RawWebSocket.Join(hub, "127.0.0.1", 8080);
    }

    private static bool IsListening(NetworkNamespace hub) => hub.Run("ss", "-Hltn", "sport = :8080").Length > 0;

    /// <summary>Copies the programs to where an ordinary user may read them: the repository may lie in root's own folder.</summary>
    private static ProgramPair CopyPrograms(Scratch scratch)
    {
        var folder = Directory.CreateDirectory(scratch.PathOf("bin")).FullName;
        foreach (var source in ((string[])[ProgramPair.Files.Server, ProgramPair.Files.Client]).Select(path => Path.GetDirectoryName(path)!).Distinct())
            ProcessUnderTest.Run(null, "cp", "-rT", source, folder);
        var files = new ProgramPair(Path.Combine(folder, "vpn-ws"), Path.Combine(folder, "vpn-ws-client"), ProgramPair.Files.IsClassic);
        var pair = OffloadSwitch.Apply(files, scratch.PathOf("no-offload"));
        using var check = ProcessUnderTest.Start(null, [.. AsNobody, pair.Server, "--help"]);
        if (check.WaitForExit() != 0) Assert.Skip($"An ordinary user cannot run programs here: {check.Output}");
        return pair;
    }

    /// <summary>A view of the machine in which everyone may open /dev/net/tun, as on an ordinary Debian; containers are often stricter.</summary>
    private static string[] WithOpenTunDevice(Scratch scratch)
    {
        Requires.Tool("unshare");
        var folder = Directory.CreateDirectory(scratch.PathOf("dev")).FullName;
        var script = $"mount -t tmpfs -o mode=755 none {folder} && mknod -m 666 {folder}/tun c 10 200 && mount --bind {folder}/tun /dev/net/tun && exec \"$@\"";
        return ["unshare", "--mount", "sh", "-c", script, "sh"];
    }
}
