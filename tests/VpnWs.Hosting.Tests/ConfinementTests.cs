using System.Globalization;
using VpnWs.Hosting;

namespace VpnWs.Tests.Hosting;

/// <summary>The filter of system calls, run by hand as the kernel would, and what it does to a program that runs.</summary>
public sealed class ConfinementTests
{
    private const uint Machine = 7;
    private const uint Allowed = 0x7fff_0000;
    private const uint Refused = 0x0005_0001;
    private const uint Unknown = 0x0005_0026;
    private const int NotPermitted = 1;
    private const int TooLong = 7;
    private const int Invalid = 22;
    private const int NoSuchCall = 38;

    // What the C library makes a thread with: memory, files, signals and so on shared, no signal at its end.
    private const uint ThreadFlags = 0x003d_0f00;

    // CLONE_VM, CLONE_VFORK and SIGCHLD: a program is about to be started.
    private const uint ProcessFlags = 0x4111;

    private static readonly SystemCalls Calls = new(Machine, 0, 56, 435, [59, 101, 317]);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Machine, 0, Allowed)]
    [InlineData(Machine, 58, Allowed)]
    [InlineData(Machine, 59, Refused)]
    [InlineData(Machine, 60, Allowed)]
    [InlineData(Machine, 101, Refused)]
    [InlineData(Machine, 317, Refused)]
    [InlineData(Machine, 0x3fff_ffff, Allowed)]
    [InlineData(Machine, 0x4000_0000, Refused)]
    [InlineData(Machine, 0x4000_003b, Refused)]
    [InlineData(Machine + 1, 0, Refused)]
    public void Forbidden_calls_and_those_of_other_machines_fail_and_others_do_not(uint machine, uint number, uint result) =>
        Assert.Equal(result, Run(Confinement.Filter(Calls), machine, number, uint.MaxValue));

    [Fact]
    public void On_every_machine_that_is_known_all_that_must_be_forbidden_is()
    {
        (SystemCalls Calls, uint Clone, Func<(string, uint X64, uint Arm64), uint> Number)[] machines =
            [(SystemCalls.X64, ForbiddenCalls.CloneOnX64, call => call.X64), (SystemCalls.Arm64, ForbiddenCalls.CloneOnArm64, call => call.Arm64)];
        foreach (var (calls, clone, number) in machines)
        {
            var filter = Confinement.Filter(calls);
            var forbidden = ForbiddenCalls.All.Where(call => number(call) != 0).ToList();
            Assert.All(forbidden, call => Assert.Equal(Refused, Run(filter, calls.Architecture, number(call), 0)));
            Assert.Equal(forbidden.Select(number).Order(), calls.Forbidden.Order());
            Assert.All(ForbiddenCalls.Namespaces, one => Assert.Equal(Refused, Run(filter, calls.Architecture, clone, one.Flag | ThreadFlags)));
            Assert.Equal(Unknown, Run(filter, calls.Architecture, ForbiddenCalls.Clone3, 0));
            Assert.All((uint[])[ThreadFlags, ProcessFlags], flags => Assert.Equal(Allowed, Run(filter, calls.Architecture, clone, flags)));
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task Code_in_a_server_that_runs_is_refused_all_of_it_and_can_still_make_a_thread()
    {
        if (!OperatingSystem.IsLinux() || SystemCalls.OfThisMachine is null) Assert.Skip("this kind of machine has no filter");
        var confined = await TryInServerAsync("all");
        var refused = ForbiddenCalls.Here.Select(call => call.Name).Concat(ForbiddenCalls.Namespaces.Select(one => one.Name));
        Assert.All(refused, name => Assert.Equal((name, NotPermitted), (name, confined[name])));
        Assert.Equal((Invalid, NoSuchCall, 0), (confined["clone"], confined["clone3"], confined["thread"]));

        // The kernel's own answers are others, where the machine that this runs on does not forbid as much itself.
        var free = await TryInServerAsync("harmless", "--no-confine");
        if ((free["unshare"], free["clone3"]) != (Invalid, TooLong)) Assert.Skip("refused here also without the filter");
        Assert.All(ForbiddenCalls.Namespaces, one => Assert.Equal((one.Name, Invalid), (one.Name, free[one.Name])));
    }

    /// <summary>The error numbers of what <see cref="StartupHook"/> tries.</summary>
    private static async Task<Dictionary<string, int>> TryInServerAsync(string which, params string[] options)
    {
        await using var server = await ServerProcess.StartAsync(
            new() { ["DOTNET_STARTUP_HOOKS"] = typeof(StartupHook).Assembly.Location }, [.. options, "--http", "127.0.0.1:0"], Ct);
        await server.Process.StandardInput.WriteLineAsync(which.AsMemory(), Ct);
        await server.Process.StandardInput.FlushAsync(Ct);
        var results = new Dictionary<string, int>();
        while (await server.Process.StandardOutput.ReadLineAsync(Ct) is { } line and not "end")
        {
            var words = line.Split(' ');
            results.Add(words[0], int.Parse(words[1], CultureInfo.InvariantCulture));
        }

        await server.StopAsync(Ct);
        return results;
    }

    private static uint Run(Confinement.Instruction[] filter, uint machine, uint number, uint firstArgument)
    {
        var loaded = 0u;
        for (var i = 0; ; i++)
        {
            var (code, ifTrue, ifFalse, operand) = filter[i];
            switch (code)
            {
                case 0x20:
                    loaded = operand switch { 0 => number, 4 => machine, 16 => firstArgument, _ => throw new InvalidOperationException($"loads from {operand}") };
                    break;
                case 0x15:
                    i += loaded == operand ? ifTrue : ifFalse;
                    break;
                case 0x35:
                    i += loaded >= operand ? ifTrue : ifFalse;
                    break;
                case 0x45:
                    i += (loaded & operand) != 0 ? ifTrue : ifFalse;
                    break;
                case 0x06:
                    return operand;
                default:
                    Assert.Fail($"code {code:x}");
                    break;
            }
        }
    }
}
