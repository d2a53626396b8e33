using System.Runtime.InteropServices;

namespace VpnWs.Hosting;

/// <summary>The calls of the C library that the base class library has no name for.</summary>
internal static unsafe partial class LibC
{
    /// <summary>In place of an id: leave it as it is.</summary>
    public const uint Unchanged = uint.MaxValue;

    public const int SigTerm = 15;
    public const int NoRoom = 34;

    /// <summary>For <see cref="ControlDescriptor"/>: F_SETFD and FD_CLOEXEC.</summary>
    public const int SetDescriptorFlags = 2;
    public const int CloseOnExec = 1;

    /// <summary>For <see cref="MapMemory"/> and <see cref="ProtectMemory"/>.</summary>
    public const int ReadMemory = 1;
    public const int WriteMemory = 2;
    public const int ExecuteMemory = 4;
    public const int PrivateMemory = 2;
    public const int AnonymousMemory = 0x20;

    /// <summary>For <see cref="SignalAction"/>: SA_RESTART.</summary>
    public const int RestartCalls = 0x1000_0000;

    [LibraryImport("libc", EntryPoint = "setgroups", SetLastError = true)]
    public static partial int SetGroups(nuint count, uint* groups);

    [LibraryImport("libc", EntryPoint = "getgroups", SetLastError = true)]
    public static partial int GetGroups(int count, uint* groups);

    [LibraryImport("libc", EntryPoint = "setresgid", SetLastError = true)]
    public static partial int SetGroupIds(uint real, uint effective, uint saved);

    [LibraryImport("libc", EntryPoint = "setresuid", SetLastError = true)]
    public static partial int SetUserIds(uint real, uint effective, uint saved);

    [LibraryImport("libc", EntryPoint = "getresgid", SetLastError = true)]
    public static partial int GetGroupIds(out uint real, out uint effective, out uint saved);

    [LibraryImport("libc", EntryPoint = "getresuid", SetLastError = true)]
    public static partial int GetUserIds(out uint real, out uint effective, out uint saved);

    [LibraryImport("libc", EntryPoint = "getpwnam_r", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int GetUserByName(string name, AccountRecord* record, byte* buffer, nuint size, AccountRecord** found);

    [LibraryImport("libc", EntryPoint = "getpwuid_r")]
    public static partial int GetUserById(uint id, AccountRecord* record, byte* buffer, nuint size, AccountRecord** found);

    [LibraryImport("libc", EntryPoint = "getgrnam_r", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int GetGroupByName(string name, AccountRecord* record, byte* buffer, nuint size, AccountRecord** found);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    public static partial int ControlDescriptor(int descriptor, int command, int value);

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    public static partial int ControlProcess(int option, nuint second, nuint third, nuint fourth, nuint fifth);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    public static partial nint SystemCall(nint number, nuint first, nuint second, nint third);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    public static partial nint MapMemory(nint address, nuint length, int protection, int flags, int descriptor, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    public static partial int ProtectMemory(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "sigaction", SetLastError = true)]
    public static partial int SetSignalAction(int signal, SignalAction* action, SignalAction* old);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int process, int signal);

    /// <summary>struct sigaction of the C library on 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 152)]
    public struct SignalAction
    {
        [FieldOffset(0)] public nint Handler;
        [FieldOffset(136)] public int Flags;
    }

    /// <summary>The head of <c>struct passwd</c> and of <c>struct group</c>, the same on Linux, FreeBSD and macOS, with room for what follows.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 128)]
    public struct AccountRecord
    {
        public byte* Name;
        public byte* Password;
        public uint Id;

        /// <summary>A user's primary group; nothing of use in the record of a group.</summary>
        public uint PrimaryGroupId;
    }
}
