using System.Runtime.InteropServices;

namespace VpnWs.Transport;

/// <summary>What the framework's file API does not tell about a Unix file. What reads the files of options is built with this file too.</summary>
internal static partial class UnixFile
{
    /// <summary>S_IFSOCK, a type of <see cref="TypeOf"/>.</summary>
    public const int SocketType = 0xc000;

    private const int AtFdCwd = -100;
    private const uint StatxType = 1;
    private const int StatxSize = 256;
    private const int ModeOffset = 28;
    private const int TypeMask = 0xf000;

    /// <summary>Whether the file is a socket (S_ISSOCK); false also where it cannot be asked.</summary>
    public static bool IsSocket(string path) => TypeOf(path) == SocketType;

    /// <summary>S_IFMT of the mode, found without opening the file; 0 where it cannot be asked.</summary>
    public static int TypeOf(string path)
    {
        Span<byte> status = stackalloc byte[StatxSize];
        return StatX(AtFdCwd, path, 0, StatxType, status) == 0 ? MemoryMarshal.Read<ushort>(status[ModeOffset..]) & TypeMask : 0;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int directory, string path, int flags, uint mask, Span<byte> buffer);
}
