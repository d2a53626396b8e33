using VpnWs.Tests.Framework;

namespace VpnWs.Tests;

/// <summary>What the programs say to a command line that cannot work: one clear line, exit code 1 or 2, and nothing left behind.</summary>
public sealed class CommandLineTests
{
    private const int Failed = 1;
    private const int WrongUsage = 2;
    private const string TooLongName = "sixteen-bytes-16";

    [Theory]
    [InlineData("--no-such-option", "--no-such-option", "{socket}")]
    [InlineData("ADDRESS")]
    [InlineData("--tuntap", "--tuntap")]
    [InlineData("port", "127.0.0.1:99999")]
    [InlineData("port", "127.0.0.1:http")]
    [InlineData("[", "[::1:80")]
    [InlineData("empty", "")]
    [InlineData("--http", "--http", "127.0.0.1:x")]
    [InlineData("--peer-bridge", "--peer-bridge", "perhaps", "{socket}")]
    [InlineData("--socket-mode", "--socket-mode", "999", "{socket}")]
    [InlineData("--max-peers", "--max-peers", "-1", "{socket}")]
    [InlineData("--ping-interval", "--ping-interval", "soon", "{socket}")]
    [InlineData("too many", "{socket}", "one-too-many")]
    public void The_server_refuses_a_wrong_command_line_with_code_2(string names, params string[] words) =>
        AssertRefuses(ProgramPair.Ours.Server, WrongUsage, names, words);

    [Theory]
    [InlineData("--no-such-option", "--no-such-option", "vpn0", "ws://127.0.0.1/")]
    [InlineData("URL", "vpn0")]
    [InlineData("TAP")]
    [InlineData("ws://", "vpn0", "http://127.0.0.1/")]
    [InlineData("ws://", "vpn0", "nonsense")]
    [InlineData("--mtu", "--mtu", "1", "vpn0", "ws://127.0.0.1/")]
    [InlineData("--address", "--address", "10.0.0.1/40", "vpn0", "ws://127.0.0.1/")]
    [InlineData("--header", "--header", "no colon", "vpn0", "ws://127.0.0.1/")]
    [InlineData("--crt", "--key", "me.key", "vpn0", "ws://127.0.0.1/")]
    public void The_client_refuses_a_wrong_command_line_with_code_2(string names, params string[] words) =>
        AssertRefuses(ProgramPair.Ours.Client, WrongUsage, names, words);

    [Theory]
    [InlineData("--help", "Examples")]
    [InlineData("--version", ".")]
    public void Help_and_version_are_no_errors(string option, string says)
    {
        foreach (var program in (string[])[ProgramPair.Ours.Server, ProgramPair.Ours.Client])
            Assert.Contains(says, ProcessUnderTest.Run(null, program, option), StringComparison.Ordinal);
    }

    [Fact]
    public void A_port_in_use_is_told()
    {
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        AssertRefuses(ProgramPair.Ours.Server, Failed, "in use", $"{taken.LocalEndpoint}");
        AssertRefuses(ProgramPair.Ours.Server, Failed, "in use", "--http", $"{taken.LocalEndpoint}", "{socket}");
    }

    [Fact]
    public void A_socket_path_without_its_folder_is_told() =>
        AssertRefuses(ProgramPair.Ours.Server, Failed, "/no/such/folder", "/no/such/folder/vpn.sock");

    [Fact]
    public void A_missing_certificate_file_is_told() =>
        AssertRefuses(ProgramPair.Ours.Client, Failed, "/no/such.crt", "--crt", "/no/such.crt", "vpn0", "wss://127.0.0.1/");

    [Fact]
    public void A_file_that_is_no_socket_is_left_alone()
    {
        using var scratch = new Scratch();
        var file = scratch.Write("vpn.sock", "precious");
        using var server = ProcessUnderTest.Start(null, ProgramPair.Ours.Server, file);
        Assert.Equal(Failed, server.WaitForExit());
        Assert.Equal("precious", File.ReadAllText(file));
    }

    [Fact]
    public void A_stale_socket_is_replaced_and_a_live_one_is_an_error()
    {
        using var scratch = new Scratch();
        var socket = scratch.PathOf("vpn.sock");
        using var dead = StartServer(socket);
        dead.Signal(UnixSignal.Kill);
        dead.WaitForExit();
        Assert.True(File.Exists(socket), "A server that was killed leaves its socket behind.");

        using var live = StartServer(socket);
        using var second = ProcessUnderTest.Start(null, ProgramPair.Ours.Server, socket);
        Assert.Equal(Failed, second.WaitForExit());
        Assert.Contains(socket, second.Output, StringComparison.Ordinal);
        Assert.Equal(0, new ControlInterface(socket).CountPeers());
    }

    [Theory]
    [InlineData(null, 0b110_110_110)]
    [InlineData("0600", 0b110_000_000)]
    [InlineData("660", 0b110_110_000)]
    public void The_socket_has_the_wanted_mode(string? mode, int expected)
    {
        using var scratch = new Scratch();
        var socket = scratch.PathOf("vpn.sock");
        using var server = StartServer(socket, mode is null ? [] : ["--socket-mode", mode]);
        Assert.Equal((UnixFileMode)expected, File.GetUnixFileMode(socket));
    }

    [Fact]
    public void A_tap_name_that_is_too_long_is_told_by_both()
    {
        AssertRefuses(ProgramPair.Ours.Server, null, TooLongName, "--tuntap", TooLongName, "{socket}");
        AssertRefuses(ProgramPair.Ours.Client, null, TooLongName, TooLongName, "ws://127.0.0.1/");
    }

    [Fact]
    public void A_tap_that_another_program_has_is_told_by_both()
    {
        Requires.Root();
        using var scratch = new Scratch();
        using var machine = new NetworkNamespace("taken");
        using var holder = machine.Start(ProgramPair.Ours.Server, "--tuntap", "vpn0", scratch.PathOf("holder.sock"));
        Eventually.True("the tap is there", () => machine.HasLink("vpn0"));
        AssertRefuses(ProgramPair.Ours.Server, Failed, "vpn0", machine, "--tuntap", "vpn0", "{socket}");
        AssertRefuses(ProgramPair.Ours.Client, Failed, "vpn0", machine, "vpn0", "ws://127.0.0.1/");
    }

    private static ProcessUnderTest StartServer(string socket, params string[] options)
    {
        var server = ProcessUnderTest.Start(null, [ProgramPair.Ours.Server, .. options, socket]);
        new ControlInterface(socket).WaitForPeers(0);
        return server;
    }

    private static void AssertRefuses(string program, int? code, string names, params string[] words) =>
        AssertRefuses(program, code, names, null, words);

    private static void AssertRefuses(string program, int? code, string names, NetworkNamespace? where, params string[] words)
    {
        using var scratch = new Scratch();
        var socket = scratch.PathOf("vpn.sock");
        using var process = ProcessUnderTest.Start(where, [program, .. words.Select(word => word.Replace("{socket}", socket, StringComparison.Ordinal))]);
        var actual = process.WaitForExit();
        Assert.True(code is null ? actual is Failed or WrongUsage : actual == code, $"Exit code {actual}: {process}");
        var line = Assert.Single(process.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(names, line, StringComparison.OrdinalIgnoreCase);
        Assert.False(File.Exists(socket), "The socket was left behind.");
    }
}
