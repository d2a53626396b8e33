using System.Reflection;
using System.Text.RegularExpressions;
using VpnWs.Tests.Framework;

namespace VpnWs.Tests;

/// <summary>Runs every example of the README; a test's attribute names those that it runs.</summary>
public sealed partial class ReadmeTests
{
    private const string Prompt = "PS> ";

    [Fact]
    public void Every_example_has_a_name_and_a_test()
    {
        Assert.Equal(ReadmeExamples.BlockCount, ReadmeExamples.All.Count);
        var tested = typeof(ReadmeTests).GetMethods().SelectMany(method => method.GetCustomAttributes<RunsAttribute>()).SelectMany(runs => runs.Examples);
        Assert.Equal(ReadmeExamples.All.Keys.Order(), tested.Distinct().Order());
    }

    [Fact]
    [Runs("try")]
    public void The_two_commands_to_begin_with_are_there()
    {
        // tests/run.sh, which runs this very test, runs the other one too.
        foreach (var command in Example("try").Split('\n'))
            Assert.True(File.GetUnixFileMode(Path.Combine(Repository.Root, command)).HasFlag(UnixFileMode.UserExecute), command);
    }

    [Fact]
    [Runs("install")]
    public void The_programs_are_published_into_a_folder()
    {
        using var scratch = new Scratch();
        var script = Example("install").Replace("/opt/vpn-ws", scratch.Folder, StringComparison.Ordinal);
        using var publishing = ProcessUnderTest.Start(null, "sh", "-ec", $"cd {Repository.Root}\n{script}");
        Assert.True(publishing.WaitForExit(TimeSpan.FromMinutes(5)) == 0, publishing.ToString());
        foreach (var program in (string[])["vpn-ws", "vpn-ws-client"])
            Assert.Contains(program, ProcessUnderTest.Run(null, scratch.PathOf(program), "--help"), StringComparison.Ordinal);
    }

    [Fact]
    [Runs("server", "nginx-password", "client-password")]
    public void Behind_nginx_a_password_lets_in()
    {
        using var world = Start();
        world.Start(world.Hub, Example("server"));
        world.Control.WaitForPeers(0);
        world.StartNginx(Example("nginx-password"));
        var client = world.AddMachine(2);
        world.Start(client, Example("client-password"));
        world.Control.WaitForPeers(1);
        Assert.Equal("user", world.Control.Peers[0].RemoteUser);
        Assert.Contains("10.0.0.2/24", client.Ip("addr show vpn0"), StringComparison.Ordinal);
    }

    [Fact]
    [Runs("server", "nginx-certificate", "client-certificate")]
    public void Behind_nginx_a_certificate_lets_in()
    {
        using var world = Start();
        world.Start(world.Hub, Example("server"));
        world.Control.WaitForPeers(0);
        world.StartNginx(Example("nginx-certificate"));
        world.Start(world.AddMachine(3), Example("client-certificate"));
        world.Control.WaitForPeers(1);
        Assert.Equal("CN=me", world.Control.Peers[0].DistinguishedName);
    }

    [Fact]
    [Runs("package")]
    public void The_script_that_packages_is_there() =>
        // PackageTests runs it.
        Assert.True(File.GetUnixFileMode(Path.Combine(Repository.Root, Example("package"))).HasFlag(UnixFileMode.UserExecute));

    [Fact]
    [Runs("direct", "status", "client-password")]
    public void The_server_faces_the_Internet_itself_and_shows_who_is_there()
    {
        using var world = Start();
        Requires.Tool("htpasswd");
        world.WriteAdmission();
        var (makeUsers, serve) = (Example("direct").Split('\n')[0], Example("direct").Split('\n')[1]);
        ProcessUnderTest.Run(null, "sh", "-c", world.Translate(makeUsers));
        // The status is asked at the uwsgi socket, which this example of a server needs for nothing else.
        world.Start(world.Hub, $"{serve} /run/vpn.sock").WaitForOutput("ready");
        world.Start(world.AddMachine(2), Example("client-password"));
        world.Start(world.Hub, Example("status")).WaitForOutput("user");
        Assert.Equal("user", world.Control.Peers[0].RemoteUser);
    }

    [Fact]
    [Runs("http")]
    public void The_server_listens_for_clients_itself()
    {
        using var world = Start();
        world.Start(world.Hub, Example("http")).WaitForOutput("ready");
        using var peer = RawWebSocket.Join(world.AddMachine(2), ReadmeWorld.HubAddress, 8080);
    }

    [Fact]
    [Runs("tap", "nginx-password", "client-password")]
    public void The_servers_tap_is_on_the_LAN()
    {
        using var world = Start();
        var server = world.Start(world.Hub, Example("tap"));
        world.Control.WaitForPeers(0);
        world.StartNginx(Example("nginx-password"));
        var client = world.AddMachine(2);
        world.Start(client, Example("client-password"));
        Ping.WaitUntilReaches(client, "10.0.0.1", TimeSpan.FromSeconds(30));
        Assert.NotEqual(0, server.Vitals.UserIds[0]);
    }

    [Fact]
    [Runs("server-bridge", "nginx-password", "client-password")]
    public void The_server_is_a_bridge()
    {
        using var world = Start();
        var office = world.AddBridgedMachine(world.Hub, "10.0.0.20");
        world.Start(world.Hub, Example("server-bridge"));
        world.Control.WaitForPeers(0);
        world.StartNginx(Example("nginx-password"));
        world.Start(world.AddMachine(2), Example("client-password"));
        Ping.WaitUntilReaches(office, "10.0.0.2", TimeSpan.FromSeconds(30));
    }

    [Fact]
    [Runs("client-bridge", "tap", "nginx-password")]
    public void A_client_is_a_bridge()
    {
        using var world = Start();
        world.Start(world.Hub, Example("tap"));
        world.Control.WaitForPeers(0);
        world.StartNginx(Example("nginx-password"));
        var client = world.AddMachine(2);
        var desk = world.AddBridgedMachine(client, "10.0.0.21");
        world.Start(client, Example("client-bridge"));
        Ping.WaitUntilReaches(desk, "10.0.0.1", TimeSpan.FromSeconds(30));
    }

    [Fact]
    [Runs("powershell")]
    public void The_session_of_PowerShell_is_as_printed()
    {
        Requires.Tool("pwsh");
        var lines = Example("powershell").Split('\n');
        using var scratch = new Scratch();
        var script = scratch.PathOf("session.ps1");
        File.WriteAllText(script, string.Join('\n', lines.Where(static line => line.StartsWith(Prompt, StringComparison.Ordinal)).Select(static line => line[Prompt.Length..])
            .Select(static command => $"'{Prompt}{command.Replace("'", "''", StringComparison.Ordinal)}'; (. {{ {command} }} | Out-String -Width 100).Trim().Split([char] 10).TrimEnd()")));
        var said = ProcessUnderTest.Run(null, "sh", "-ec", $"cd {Repository.Root} && NO_COLOR=1 pwsh -NoProfile -NonInteractive -File {script}");
        Assert.Equal(lines.Select(Settled).Where(static line => line.Length > 0), said.Split('\n').Select(Settled).Where(static line => line.Length > 0));
    }

    private static string Example(string name) => ReadmeExamples.All[name];

    private static ReadmeWorld Start()
    {
        Requires.Root();
        return new ReadmeWorld();
    }

    /// <summary>A line without what differs from run to run: addresses, ports, times, and the blanks that they move.</summary>
    private static string Settled(string line) => line.StartsWith(Prompt, StringComparison.Ordinal) ? line.Trim() : Varying().Replace(line, " ").Trim();

    [GeneratedRegex(@"([0-9a-f]{2}:){5}[0-9a-f]{2}|:\d{4,5}\b|\b\d+s\b|-{2,}|\s+")]
    private static partial Regex Varying();

    [AttributeUsage(AttributeTargets.Method)]
    private sealed class RunsAttribute(params string[] examples) : Attribute
    {
        public IReadOnlyList<string> Examples => examples;
    }
}
