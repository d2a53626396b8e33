using System.Runtime.InteropServices;

namespace VpnWs.Hosting;

/// <summary>
/// Takes from the whole process, once it has started, what it never needs again: no new rights by running programs (no_new_privs), no running of programs
/// at all, no system calls by which a program loads modules, mounts, debugs others, makes or enters namespaces, sets clocks or changes its ids. That holds for
/// every thread, also of those that the runtime has made before, which a drop of capabilities would not: those belong to threads one by one.
/// </summary>
internal static unsafe class Confinement
{
    private const int SetDumpable = 4;
    private const int SetNoNewPrivileges = 38;
    private const uint SetModeFilter = 1;
    private const nuint SyncThreads = 1;

    private const ushort LoadWord = 0x20;
    private const ushort JumpIfEqual = 0x15;
    private const ushort JumpIfGreaterOrEqual = 0x35;
    private const ushort JumpIfAnyBit = 0x45;
    private const ushort Return = 0x06;
    private const uint Allow = 0x7fff_0000;
    private const uint NotPermitted = 0x0005_0001;
    private const uint NoSuchCall = 0x0005_0026;
    private const uint NumberAt = 0;
    private const uint ArchitectureAt = 4;

    /// <summary>The low half of the first argument, on machines that keep it first, as both that we know do.</summary>
    private const uint FirstArgumentAt = 16;

    /// <summary>
    /// CLONE_NEWNS, -CGROUP, -UTS, -IPC, -USER, -PID and -NET. What would be CLONE_NEWTIME belongs to the signal at the end of the child in clone(2).
    /// </summary>
    private const uint NewNamespaces = 0x7e02_0000;

    /// <summary>Confines the process. It cannot be undone.</summary>
    /// <returns>Null, or why it could not be done; the process then goes on as it was.</returns>
    public static string? Apply()
    {
        if (!OperatingSystem.IsLinux() || SystemCalls.OfThisMachine is not { } calls) return "this system is not known well enough";
        var filter = Filter(calls);
        fixed (Instruction* instructions = filter)
        {
            // No dump of memory, in which keys and passwords are, and no reading of it by other programs of the same user.
            if (LibC.ControlProcess(SetDumpable, 0, 0, 0, 0) != 0 || LibC.ControlProcess(SetNoNewPrivileges, 1, 0, 0, 0) != 0)
                return Marshal.GetLastPInvokeErrorMessage();
            var program = new FilterProgram { Length = (ushort)filter.Length, Instructions = instructions };
            var result = LibC.SystemCall(calls.Seccomp, SetModeFilter, SyncThreads, (nint)(&program));
            return result == 0 ? null : result > 0 ? "a thread could not be confined" : Marshal.GetLastPInvokeErrorMessage();
        }
    }

    /// <summary>
    /// A classic BPF program (seccomp(2)): other architectures, the forbidden calls and clone(2) with new namespaces fail with EPERM, clone3(2) as if
    /// the kernel did not have it, upon which C libraries take clone(2). The rest is allowed.
    /// </summary>
    internal static Instruction[] Filter(SystemCalls calls)
    {
        List<Instruction> filter =
        [
            new(LoadWord, 0, 0, ArchitectureAt),
            new(JumpIfEqual, 1, 0, calls.Architecture),
            new(Return, 0, 0, NotPermitted),
            new(LoadWord, 0, 0, NumberAt),
            // The x32 calls of x86-64 have numbers of their own, from bit 30 on.
            new(JumpIfGreaterOrEqual, 0, 1, 0x4000_0000),
            new(Return, 0, 0, NotPermitted),
        ];
        foreach (var number in calls.Forbidden)
        {
            filter.Add(new Instruction(JumpIfEqual, 0, 1, number));
            filter.Add(new Instruction(Return, 0, 0, NotPermitted));
        }

        filter.AddRange(
        [
            new(JumpIfEqual, 0, 1, calls.Clone3Call),
            new(Return, 0, 0, NoSuchCall),
            new(JumpIfEqual, 0, 3, calls.CloneCall),
            new(LoadWord, 0, 0, FirstArgumentAt),
            new(JumpIfAnyBit, 0, 1, NewNamespaces),
            new(Return, 0, 0, NotPermitted),
            new(Return, 0, 0, Allow),
        ]);
        return [.. filter];
    }

    /// <summary>struct sock_filter.</summary>
    internal readonly record struct Instruction(ushort Code, byte IfTrue, byte IfFalse, uint Operand);

    /// <summary>struct sock_fprog.</summary>
    private struct FilterProgram
    {
        public ushort Length;
        public Instruction* Instructions;
    }
}
