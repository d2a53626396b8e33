using VpnWs.Hosting;

namespace VpnWs.Tests.Hosting;

public sealed class ShellHookTests : IDisposable
{
    private readonly Scratch _scratch = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task The_shell_runs_the_command_and_tells_it_the_tap()
    {
        var file = _scratch.Path("out");
        await ShellHook.RunAsync($"true && echo \"$VPNWS_TAP $0\" > '{file}'", "vpn7", Ct);
        Assert.Equal("vpn7 /bin/sh\n", await File.ReadAllTextAsync(file, Ct));
    }

    [Fact]
    public async Task Without_a_tap_the_command_runs_too()
    {
        var file = _scratch.Path("out");
        await ShellHook.RunAsync($"echo \"${{VPNWS_TAP-unset}}\" > '{file}'", null, Ct);
        Assert.Equal("unset\n", await File.ReadAllTextAsync(file, Ct));
    }

    [Fact]
    public async Task The_command_does_not_see_the_password()
    {
        var file = _scratch.Path("out");
        Environment.SetEnvironmentVariable(ShellHook.PasswordVariable, "hunter2");
        await ShellHook.RunAsync($"env > '{file}'", "vpn7", Ct);
        Environment.SetEnvironmentVariable(ShellHook.PasswordVariable, null);
        Assert.DoesNotContain("hunter2", await File.ReadAllTextAsync(file, Ct), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("exit 3", "the --exec command ended with exit code 3")]
    [InlineData("no-such-command-here 2>/dev/null", "the --exec command ended with exit code 127")]
    [InlineData("kill -9 $$", "the --exec command ended with exit code 137 (as after signal 9)")]
    public async Task A_command_that_fails_ends_the_program(string command, string message)
    {
        var error = await Assert.ThrowsAsync<ProgramException>(() => ShellHook.RunAsync(command, "vpn7", Ct));
        Assert.Equal((ExitCode.Failed, message), (error.Code, error.Message));
    }

    [Theory(Timeout = 30_000)]
    [InlineData("")]
    [InlineData("trap '' TERM;")]
    public async Task A_stop_ends_the_command_and_all_that_it_started(string preparation)
    {
        var pipe = _scratch.MakePipe("pipe");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var hook = ShellHook.RunAsync($"{preparation} exec 9> '{pipe}'; echo started >&9; sleep 600 & (sleep 600)", "vpn7", stop.Token);
        using var reader = await Task.Run(() => new StreamReader(pipe), Ct);
        Assert.Equal("started", await reader.ReadLineAsync(Ct));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hook);
        Assert.Null(await reader.ReadLineAsync(Ct));
    }

    [Fact]
    public async Task After_a_stop_no_command_is_begun()
    {
        var file = _scratch.Path("out");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ShellHook.RunAsync($"touch '{file}'", null, new CancellationToken(true)));
        Assert.False(File.Exists(file));
    }

    [Fact]
    public async Task Where_the_command_fails_the_rights_are_kept()
    {
        // Not an id of anyone here: to drop to it would show.
        var steps = new StartupSteps("exit 1", new Privileges(null, 4_000_000_001), kept: null, _ => { });
        await Assert.ThrowsAsync<ProgramException>(() => steps.RunAsync(null, Ct));
        Assert.DoesNotContain("4000000001", await File.ReadAllTextAsync("/proc/self/status", Ct), StringComparison.Ordinal);
    }
}
