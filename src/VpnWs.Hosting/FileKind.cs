using VpnWs.Transport;

namespace VpnWs.Hosting;

/// <summary>Tells, without opening it, what is no ordinary file: to open a named pipe is to wait for somebody to write to it. The PowerShell module is built with this file too.</summary>
internal static class FileKind
{
    private const int PipeType = 0x1000;
    private const int TerminalOrDeviceType = 0x2000;
    private const int DiskType = 0x6000;

    /// <summary>Why a file cannot be read at the start, or null. What a shell hands over as <c>/dev/stdin</c> or <c>&lt;(command)</c> can: its writer is there already.</summary>
    public static string? StartObjection(string path) => TypeOf(path) switch
    {
        PipeType when !IsHandedOver(path) => "it is a named pipe; give an ordinary file",
        UnixFile.SocketType => "it is a socket; give an ordinary file",
        _ => null,
    };

    /// <summary>Why a file cannot be read again while the program runs, or null: nothing may make that wait.</summary>
    public static string? ReloadObjection(string path) => TypeOf(path) switch
    {
        PipeType => "it is a pipe, and only an ordinary file can be read again",
        UnixFile.SocketType => "it is a socket, and only an ordinary file can be read again",
        TerminalOrDeviceType or DiskType => "it is a device, and only an ordinary file can be read again",
        _ => null,
    };

    private static int TypeOf(string path) => OperatingSystem.IsLinux() ? UnixFile.TypeOf(path) : 0;

    // A pipe without a name; the kernel calls it pipe:[12345].
    private static bool IsHandedOver(string path) =>
        File.ResolveLinkTarget(path, returnFinalTarget: true) is { Exists: false } target && target.Name.StartsWith("pipe:[", StringComparison.Ordinal);
}
