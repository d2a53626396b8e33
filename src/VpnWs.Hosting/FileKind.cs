using System.Runtime.InteropServices;

namespace VpnWs.Hosting;

/// <summary>Tells, without opening it, what is no ordinary file: to open a named pipe is to wait for somebody to write to it. The PowerShell module is built with this file too.</summary>
internal static partial class FileKind
{
    private const int AtFdCwd = -100;
    private const uint StatxType = 1;
    private const int StatxSize = 256;
    private const int ModeOffset = 28;
    private const int TypeMask = 0xf000;
    private const int PipeType = 0x1000;
    private const int TerminalOrDeviceType = 0x2000;
    private const int DiskType = 0x6000;
    private const int SocketType = 0xc000;

    /// <summary>Why a file cannot be read at the start, or null. What a shell hands over as <c>/dev/stdin</c> or <c>&lt;(command)</c> can: its writer is there already.</summary>
    public static string? StartObjection(string path) => TypeOf(path) switch
    {
        PipeType when !IsHandedOver(path) => "it is a named pipe; give an ordinary file",
        SocketType => "it is a socket; give an ordinary file",
        _ => null,
    };

    /// <summary>Why a file cannot be read again while the program runs, or null: nothing may make that wait.</summary>
    public static string? ReloadObjection(string path) => TypeOf(path) switch
    {
        PipeType => "it is a pipe, and only an ordinary file can be read again",
        SocketType => "it is a socket, and only an ordinary file can be read again",
        TerminalOrDeviceType or DiskType => "it is a device, and only an ordinary file can be read again",
        _ => null,
    };

    /// <summary>S_IFMT of the mode; 0 where it cannot be asked.</summary>
    private static int TypeOf(string path)
    {
        if (!OperatingSystem.IsLinux()) return 0;
        Span<byte> status = stackalloc byte[StatxSize];
        return StatX(AtFdCwd, path, 0, StatxType, status) == 0 ? MemoryMarshal.Read<ushort>(status[ModeOffset..]) & TypeMask : 0;
    }

    // A pipe without a name; the kernel calls it pipe:[12345].
    private static bool IsHandedOver(string path) =>
        File.ResolveLinkTarget(path, returnFinalTarget: true) is { Exists: false } target && target.Name.StartsWith("pipe:[", StringComparison.Ordinal);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int directory, string path, int flags, uint mask, Span<byte> buffer);
}
