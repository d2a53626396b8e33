using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace VpnWs.Taps;

/// <summary>
/// A file descriptor that other threads may use, without a lock or a count, while it is retired.
/// Retiring does not free the number, which another file could be given at once; it swaps what the number stands for
/// (<c>dup3</c>) for a path descriptor, on which every read and write fails with EBADF. The number itself is freed when
/// the garbage collector has proved that no thread can hold it; a user keeps this object alive over each call.
/// </summary>
internal sealed class Descriptor : SafeHandleMinusOneIsInvalid
{
    private static int s_nothing = -1;

    private Descriptor(int number)
        : base(ownsHandle: true) => SetHandle(number);

    /// <summary>The number; never one that now belongs to another file.</summary>
    internal int Number => (int)handle;

    /// <summary>Takes over the number that <paramref name="open"/> returns.</summary>
    /// <param name="open">Opens a file and sets the last P/Invoke error.</param>
    /// <param name="failure">Makes of the error the exception to throw.</param>
    internal static Descriptor Open(Func<int> open, Func<int, TapException> failure)
    {
        ReserveNothing(failure);
        var number = open();
        return number >= 0 ? new Descriptor(number) : throw failure(Marshal.GetLastPInvokeError());
    }

    /// <summary>Lets go of the file as soon as the calls under way on it have returned; later calls fail with EBADF.</summary>
    internal void Retire()
    {
        _ = Libc.Duplicate(s_nothing, Number, Libc.O_CLOEXEC);
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Libc.Close(Number) == 0;

    // One for the whole process, opened before the first descriptor, so that retiring cannot fail for want of a free number.
    private static void ReserveNothing(Func<int, TapException> failure)
    {
        if (s_nothing >= 0) return;
        var number = Libc.Open("/", Libc.O_PATH | Libc.O_CLOEXEC);
        if (number < 0) throw failure(Marshal.GetLastPInvokeError());
        if (Interlocked.CompareExchange(ref s_nothing, number, -1) >= 0) _ = Libc.Close(number);
    }
}
