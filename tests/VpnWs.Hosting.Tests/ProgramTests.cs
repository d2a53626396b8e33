using System.Diagnostics;
using System.Globalization;
using VpnWs.Hosting;

namespace VpnWs.Tests.Hosting;

/// <summary>The programs as their users meet them: processes with arguments, streams and exit codes.</summary>
public sealed class ProgramTests : IDisposable
{
    private readonly Scratch _scratch = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _scratch.Dispose();

    [Theory(Timeout = 60_000)]
    [InlineData("vpn-ws")]
    [InlineData("vpn-ws-client")]
    public async Task Help_goes_to_the_output_and_is_no_error(string program)
    {
        var (code, output, error) = await RunAsync(program, "--help");
        Assert.Equal((0, ""), (code, error));
        Assert.Contains($"  {program} ", output, StringComparison.Ordinal);
        Assert.Contains("Exit codes:", output, StringComparison.Ordinal);
        Assert.Contains("--exec <CMD>", output, StringComparison.Ordinal);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("vpn-ws")]
    [InlineData("vpn-ws-client")]
    public async Task The_version_goes_to_the_output(string program)
    {
        var (code, output, error) = await RunAsync(program, "--version");
        Assert.Equal((0, ""), (code, error));
        Assert.Matches($"^{program} [0-9]+\\.[0-9]+\\.[0-9]+\n$", output);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("vpn-ws", "", "vpn-ws: give an ADDRESS for the web server, or --http ADDRESS; try --help\n")]
    [InlineData("vpn-ws", "--bogus", "vpn-ws: there is no option --bogus; try --help\n")]
    [InlineData("vpn-ws", ":x", "vpn-ws: ':x' has no port from 0 to 65535 after its last colon; try --help\n")]
    [InlineData("vpn-ws-client", "vpn0 http://h", "vpn-ws-client: the URL must begin with ws:// or wss://; try --help\n")]
    public async Task A_wrong_command_line_is_one_line_and_exit_code_2(string program, string arguments, string line)
    {
        var (code, output, error) = await RunAsync(program, arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal((2, "", line), (code, output, error));
    }

    [Theory(Timeout = 60_000)]
    [InlineData("vpn-ws", "--uid no-such-user-here", "vpn-ws: unable to find user no-such-user-here\n")]
    [InlineData("vpn-ws-client", "--crt /nowhere/me.crt", "vpn-ws-client: cannot read /nowhere/me.crt: there is no such file\n")]
    [InlineData("vpn-ws-client", "--ca /nowhere/ca.crt", "vpn-ws-client: cannot read /nowhere/ca.crt: there is no such file\n")]
    public async Task What_is_wrong_before_the_start_is_one_line_and_exit_code_1(string program, string arguments, string line)
    {
        string[] operands = program == "vpn-ws" ? [_scratch.Path("s")] : ["vpnwstest0", "ws://127.0.0.1:1/"];
        var (code, output, error) = await RunAsync(program, [.. arguments.Split(' '), .. operands]);
        Assert.Equal((1, "", line), (code, output, error));
        Assert.False(File.Exists(_scratch.Path("s")));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_failed_command_ends_the_server_with_exit_code_1()
    {
        var (code, output, error) = await RunAsync("vpn-ws", "--exec", "echo from the command; exit 7", _scratch.Path("s"));
        Assert.Equal((1, "from the command\n"), (code, output));
        Assert.EndsWith("vpn-ws: the --exec command ended with exit code 7\n", error, StringComparison.Ordinal);
        Assert.False(File.Exists(_scratch.Path("s")));
    }

    [Theory(Timeout = 60_000)]
    [InlineData(2)]
    [InlineData(15)]
    public async Task A_signal_ends_the_server_in_good_order(int signal)
    {
        using var server = await StartServerAsync();
        Assert.Equal(0, LibC.Kill(server.Id, signal));
        await server.WaitForExitAsync(Ct);
        Assert.Equal(0, server.ExitCode);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_hangup_does_nothing()
    {
        using var server = await StartServerAsync();
        Assert.Equal(0, LibC.Kill(server.Id, 1));
        // Signals of different numbers may overtake each other, but had the first one ended the server the exit code would tell.
        Assert.Equal(0, LibC.Kill(server.Id, 15));
        await server.WaitForExitAsync(Ct);
        Assert.Equal(0, server.ExitCode);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_second_signal_ends_the_program_at_once()
    {
        var pipe = _scratch.MakePipe("pipe");
        using var server = Start("vpn-ws", "--exec", $"trap 'echo asked >&9' TERM; exec 9> '{pipe}'; echo $$ >&9; while :; do sleep 0.1; done", _scratch.Path("s"));
        using var reader = await Task.Run(() => new StreamReader(pipe), Ct);
        var hook = int.Parse((await reader.ReadLineAsync(Ct))!, CultureInfo.InvariantCulture);
        try
        {
            Assert.Equal(0, LibC.Kill(server.Id, 15));
            Assert.Equal("asked", await reader.ReadLineAsync(Ct));
            Assert.Equal(0, LibC.Kill(server.Id, 15));
            await server.WaitForExitAsync(Ct);
            Assert.Equal(143, server.ExitCode);
        }
        finally
        {
            // The hook does not end when it is asked to; the program did not wait for it.
            Assert.Equal(0, LibC.Kill(hook, 9));
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task The_drop_of_privileges_is_complete_on_every_thread()
    {
        if (!Environment.IsPrivilegedProcess) Assert.Skip("needs root");
        var nobody = Accounts.FindUser("nobody")!.Value;
        using var server = await StartServerAsync("--uid", "nobody", "--exec", $"id -u > '{_scratch.Path("id")}'");
        foreach (var thread in Directory.GetDirectories(string.Create(CultureInfo.InvariantCulture, $"/proc/{server.Id}/task")))
        {
            var status = (await File.ReadAllLinesAsync(Path.Combine(thread, "status"), Ct)).Select(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            var fields = status.Where(f => f.Length > 0).ToDictionary(f => f[0], f => string.Join(' ', f.Skip(1)));
            var (user, group) = ($"{nobody.UserId}", $"{nobody.GroupId}");
            Assert.Equal($"{user} {user} {user} {user}", fields["Uid:"]);
            Assert.Equal($"{group} {group} {group} {group}", fields["Gid:"]);
            Assert.Equal(group, fields["Groups:"]);
            Assert.Equal(new string('0', 16), fields["CapEff:"]);
            Assert.Equal(new string('0', 16), fields["CapPrm:"]);
        }

        Assert.Equal("0\n", await File.ReadAllTextAsync(_scratch.Path("id"), Ct));
        Assert.Equal(0, LibC.Kill(server.Id, 15));
        await server.WaitForExitAsync(Ct);
        Assert.Equal(0, server.ExitCode);
    }

    [Fact(Timeout = 60_000)]
    public async Task Rights_that_could_be_taken_back_are_an_error()
    {
        if (!Environment.IsPrivilegedProcess) Assert.Skip("needs root");
        if (!File.Exists("/usr/bin/setpriv")) Assert.Skip("needs setpriv of util-linux");
        // So bound, the kernel leaves the capabilities alone when the user id changes.
        using var process = StartFile(
            "/usr/bin/setpriv", "--securebits", "+no_setuid_fixup", "dotnet", Assembly("vpn-ws"), "--uid", "nobody", "--http", "127.0.0.1:0");
        var error = await process.StandardError.ReadToEndAsync(Ct);
        await process.WaitForExitAsync(Ct);
        Assert.Equal((1, "vpn-ws: unable to drop privileges: they could be taken back (is CAP_SETUID or CAP_SETGID kept?)\n"), (process.ExitCode, error));
    }

    private static async Task<Process> StartServerAsync(params string[] arguments)
    {
        var server = Start("vpn-ws", [.. arguments, "--http", "127.0.0.1:0"]);
        while (await server.StandardError.ReadLineAsync(Ct) is { } line)
        {
            if (line.Contains("info: ready: ", StringComparison.Ordinal)) return server;
        }

        await server.WaitForExitAsync(Ct);
        throw new InvalidOperationException($"the server ended with {server.ExitCode} before it was ready");
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(string program, params string[] arguments)
    {
        using var process = Start(program, arguments);
        var output = process.StandardOutput.ReadToEndAsync(Ct);
        var error = process.StandardError.ReadToEndAsync(Ct);
        await process.WaitForExitAsync(Ct);
        return (process.ExitCode, await output, await error);
    }

    private static Process Start(string program, params string[] arguments) => StartFile("dotnet", [Assembly(program), .. arguments]);

    private static string Assembly(string program) => Path.Combine(AppContext.BaseDirectory, program + ".dll");

    private static Process StartFile(string file, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
}
