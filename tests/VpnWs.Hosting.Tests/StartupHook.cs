using System.Runtime.InteropServices;
using VpnWs.Hosting;
using VpnWs.Tests.Hosting;

/// <summary>
/// Hostile code inside a program: .NET runs this before Main where DOTNET_STARTUP_HOOKS names this assembly. It waits for a line of the standard input, then
/// tries what the program should not be able to do any more (where that says so not all of it), and writes what came of it.
/// </summary>
internal static class StartupHook
{
    private const uint SharedSignalHandlers = 0x0800;

    public static void Initialize() => new Thread(Run) { IsBackground = true }.Start();

    private static void Run()
    {
        if (Console.In.ReadLine() is not { } which) return;
        // Neither pointers, nor descriptors, nor processes: a kernel that is let try has another answer than EPERM.
        foreach (var (name, number) in ForbiddenCalls.Here.Where(call => which == "all" || call.Name is "unshare" or "setns")) Tell(name, number, nuint.MaxValue);
        var clone = ForbiddenCalls.IsX64 ? ForbiddenCalls.CloneOnX64 : ForbiddenCalls.CloneOnArm64;
        // Signal handlers cannot be shared without the memory: no child comes of this either way.
        foreach (var (name, flag) in ForbiddenCalls.Namespaces) Tell(name, clone, flag | SharedSignalHandlers);
        Tell("clone", clone, SharedSignalHandlers);
        Tell("clone3", ForbiddenCalls.Clone3, 0);

        var other = new Thread(() => Console.WriteLine("thread 0"));
        other.Start();
        other.Join();
        Console.WriteLine("end");
    }

    private static void Tell(string name, uint number, nuint first)
    {
        var result = LibC.SystemCall((nint)number, first, nuint.MaxValue, -1);
        Console.WriteLine($"{name} {(result < 0 ? Marshal.GetLastPInvokeError() : 0)}");
    }
}
