using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace VpnWs.Transport;

/// <summary>
/// Keeps some file descriptors back from connections. The runtime needs a few for every thread that it starts and gives up the whole process
/// where it gets none, so strangers must not be able to use up the last ones.
/// </summary>
internal static partial class DescriptorReserve
{
    private const int MaxReserve = 64;
    private const int ResourceDescriptors = 7;

    private static readonly long FirstReserved = FirstReservedOf(Limit());

    /// <summary>Whether a socket has one of the descriptors that are kept back; the kernel always gives the lowest that is free.</summary>
    public static bool Includes(Socket socket) => socket.Handle >= FirstReserved;

    /// <summary>The first descriptor that is kept back: a quarter of them are, 64 at most.</summary>
    internal static long FirstReservedOf(long limit) => limit - Math.Min(MaxReserve, limit / 4);

    private static long Limit()
    {
        Span<ulong> limits = stackalloc ulong[2];
        return OperatingSystem.IsLinux() && GetResourceLimit(ResourceDescriptors, limits) == 0 ? (long)Math.Min(limits[0], int.MaxValue) : int.MaxValue;
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetResourceLimit(int resource, Span<ulong> limits);
}
