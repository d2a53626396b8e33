using System.Runtime.InteropServices;

namespace VpnWs.Tests.Hosting;

/// <summary>
/// The calls that a confined program must not be able to make, by what they would bring about, with their numbers on x86-64 (arch/x86/entry/syscalls/syscall_64.tbl
/// of Linux) and on arm64 (include/uapi/asm-generic/unistd.h), 0 where a machine has no such call.
/// </summary>
internal static class ForbiddenCalls
{
    public const uint CloneOnX64 = 56;
    public const uint CloneOnArm64 = 220;
    public const uint Clone3 = 435;

    public static readonly (string Name, uint X64, uint Arm64)[] All =
    [
        ("execve", 59, 221), ("execveat", 322, 281),
        ("unshare", 272, 97), ("setns", 308, 268),
        ("ptrace", 101, 117), ("process_vm_readv", 310, 270), ("process_vm_writev", 311, 271), ("kcmp", 312, 272), ("pidfd_getfd", 438, 438),
        ("perf_event_open", 298, 241), ("bpf", 321, 280), ("userfaultfd", 323, 282),
        ("setuid", 105, 146), ("setgid", 106, 144), ("setreuid", 113, 145), ("setregid", 114, 143), ("setgroups", 116, 159), ("setresuid", 117, 147),
        ("setresgid", 119, 149), ("setfsuid", 122, 151), ("setfsgid", 123, 152), ("capset", 126, 91),
        ("mount", 165, 40), ("umount2", 166, 39), ("pivot_root", 155, 41), ("chroot", 161, 51), ("open_tree", 428, 428), ("move_mount", 429, 429), ("fsopen", 430, 430),
        ("fsconfig", 431, 431), ("fsmount", 432, 432), ("fspick", 433, 433), ("mount_setattr", 442, 442), ("open_tree_attr", 467, 467), ("open_by_handle_at", 304, 265),
        ("init_module", 175, 105), ("finit_module", 313, 273), ("delete_module", 176, 106), ("kexec_load", 246, 104), ("kexec_file_load", 320, 294),
        ("reboot", 169, 142), ("swapon", 167, 224), ("swapoff", 168, 225), ("acct", 163, 89),
        ("settimeofday", 164, 170), ("clock_settime", 227, 112), ("adjtimex", 159, 171), ("clock_adjtime", 305, 266),
        ("sethostname", 170, 161), ("setdomainname", 171, 162), ("iopl", 172, 0), ("ioperm", 173, 0),
        ("add_key", 248, 217), ("request_key", 249, 218), ("keyctl", 250, 219),
    ];

    public static bool IsX64 => RuntimeInformation.ProcessArchitecture == Architecture.X64;

    /// <summary>Those of the machine that we run on.</summary>
    public static IEnumerable<(string Name, uint Number)> Here => All.Select(call => (call.Name, Number: IsX64 ? call.X64 : call.Arm64)).Where(call => call.Number != 0);

    /// <summary>The flags of clone(2) by which it makes namespaces (sched.h).</summary>
    public static readonly (string Name, uint Flag)[] Namespaces =
    [
        ("CLONE_NEWNS", 0x0002_0000), ("CLONE_NEWCGROUP", 0x0200_0000), ("CLONE_NEWUTS", 0x0400_0000), ("CLONE_NEWIPC", 0x0800_0000),
        ("CLONE_NEWUSER", 0x1000_0000), ("CLONE_NEWPID", 0x2000_0000), ("CLONE_NEWNET", 0x4000_0000),
    ];
}
