using System.ComponentModel;
using System.Runtime.InteropServices;

namespace VpnWs.Tests.Framework;

internal enum UnixSignal
{
    HangUp = 1,
    Interrupt = 2,
    Kill = 9,
    User1 = 10,
    User2 = 12,
    Terminate = 15,
    Continue = 18,
    Stop = 19,
}

/// <summary>The few calls of the kernel that the base class library does not have.</summary>
internal static partial class Posix
{
    private const int CloneNewNet = 0x4000_0000;

    public static void Kill(int pid, UnixSignal signal) => _ = kill(pid, (int)signal);

    /// <summary>Moves the calling thread into the network namespace whose file this is.</summary>
    public static void EnterNetworkNamespace(SafeHandle namespaceFile)
    {
        if (setns(namespaceFile, CloneNewNet) != 0) throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int pid, int signal);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setns(SafeHandle fd, int kind);
}
