using System.Runtime.InteropServices;

namespace VpnWs.Hosting;

/// <summary>The numbers of system calls on one kind of machine.</summary>
/// <param name="Architecture">What the kernel calls it (AUDIT_ARCH_).</param>
/// <param name="Seccomp">The number of seccomp(2).</param>
/// <param name="CloneCall">The number of clone(2), by which threads and processes are made, and namespaces where its flags say so.</param>
/// <param name="Clone3Call">The number of clone3(2), whose flags are in memory, where a filter cannot look.</param>
/// <param name="Forbidden">Those that a program has no use for once it has started.</param>
internal sealed record SystemCalls(uint Architecture, nint Seccomp, uint CloneCall, uint Clone3Call, IReadOnlyList<uint> Forbidden)
{
    private const uint Clone3OfAll = 435;

    public static readonly SystemCalls X64 = new(0xc000_003e, 317, 56, Clone3OfAll,
    [
        59, 322, // execve, execveat
        101, 310, 311, 312, 438, // ptrace, process_vm_readv, process_vm_writev, kcmp, pidfd_getfd
        105, 106, 113, 114, 116, 117, 119, 122, 123, 126, // setuid, setgid, setreuid, setregid, setgroups, setresuid, setresgid, setfsuid, setfsgid, capset
        155, 161, 165, 166, 428, 429, 430, 431, 432, 433, 442, 467, // pivot_root, chroot, mount, umount2, the new calls for mounts
        167, 168, 169, 246, 320, // swapon, swapoff, reboot, kexec_load, kexec_file_load
        175, 313, 176, // init_module, finit_module, delete_module
        163, 164, 227, 159, 305, // acct, settimeofday, clock_settime, adjtimex, clock_adjtime
        170, 171, 172, 173, // sethostname, setdomainname, iopl, ioperm
        272, 308, 304, // unshare, setns, open_by_handle_at
        248, 249, 250, // add_key, request_key, keyctl
        298, 321, 323, // perf_event_open, bpf, userfaultfd
    ]);

    public static readonly SystemCalls Arm64 = new(0xc000_00b7, 277, 220, Clone3OfAll,
    [
        221, 281, // execve, execveat
        117, 270, 271, 272, 438, // ptrace, process_vm_readv, process_vm_writev, kcmp, pidfd_getfd
        143, 144, 145, 146, 147, 149, 151, 152, 159, 91, // setregid, setgid, setreuid, setuid, setresuid, setresgid, setfsuid, setfsgid, setgroups, capset
        41, 51, 40, 39, 428, 429, 430, 431, 432, 433, 442, 467, // pivot_root, chroot, mount, umount2, the new calls for mounts
        224, 225, 142, 104, 294, // swapon, swapoff, reboot, kexec_load, kexec_file_load
        105, 273, 106, // init_module, finit_module, delete_module
        89, 170, 112, 171, 266, // acct, settimeofday, clock_settime, adjtimex, clock_adjtime
        161, 162, // sethostname, setdomainname
        97, 268, 265, // unshare, setns, open_by_handle_at
        217, 218, 219, // add_key, request_key, keyctl
        241, 280, 282, // perf_event_open, bpf, userfaultfd
    ]);

    /// <summary>Those of the machine that we run on, or null where we do not know them.</summary>
    public static SystemCalls? OfThisMachine => RuntimeInformation.ProcessArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => X64,
        System.Runtime.InteropServices.Architecture.Arm64 => Arm64,
        _ => null,
    };
}
