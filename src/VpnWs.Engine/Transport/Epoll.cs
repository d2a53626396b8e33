using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using VpnWs.Taps;

namespace VpnWs.Transport;

/// <summary>A set of sockets of which the kernel says when something comes to pass (epoll(7)), each once for every change (EPOLLET).</summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe partial class Epoll : IDisposable
{
    /// <summary>Bytes can be received, or there is an end to be seen (EPOLLIN).</summary>
    public const uint Readable = 0x1;

    /// <summary>There is room to send again (EPOLLOUT).</summary>
    public const uint Writable = 0x4;

    /// <summary>The other end sends nothing more (EPOLLRDHUP).</summary>
    public const uint EndOfReading = 0x2000;

    /// <summary>An error, or the end of both directions (EPOLLERR, EPOLLHUP); always told.</summary>
    public const uint Ended = 0x8 | 0x10;

    /// <summary>What stands in the place of a token for the wake-up.</summary>
    public const ulong WakeToken = ulong.MaxValue;

    private const int MaxEvents = 256;
    private const int Add = 1;
    private const uint EdgeTriggered = 1U << 31;

    // struct epoll_event is packed on x86 alone (linux/eventpoll.h).
    private static readonly int TokenOffset = RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.X86 ? 4 : 8;
    private static readonly int Stride = TokenOffset + sizeof(ulong);

    private readonly byte[] _events = GC.AllocateUninitializedArray<byte>(MaxEvents * Stride, pinned: true);
    private readonly int _descriptor;
    private readonly int _wake;

    /// <summary>Makes an empty set.</summary>
    /// <exception cref="Win32Exception">The kernel gives no descriptor.</exception>
    public Epoll()
    {
        _descriptor = Check(Create(Libc.O_CLOEXEC));
        _wake = Libc.EventDescriptor(0, Libc.O_CLOEXEC | Libc.O_NONBLOCK);
        if (_wake < 0 || !TryAdd(_wake, Readable, WakeToken))
        {
            var error = new Win32Exception();
            Dispose();
            throw error;
        }
    }

    /// <summary>Adds a socket, which leaves by being closed.</summary>
    /// <returns>False where the kernel refuses it, for want of memory or beyond a limit.</returns>
    public bool TryAdd(nint descriptor, uint events, ulong token)
    {
        var entry = stackalloc byte[Stride];
        Unsafe.WriteUnaligned(entry, events | EdgeTriggered);
        Unsafe.WriteUnaligned(entry + TokenOffset, token);
        return Control(_descriptor, Add, (int)descriptor, entry) == 0;
    }

    /// <summary>Waits until something comes to pass.</summary>
    /// <param name="milliseconds">How long at most, -1 for ever.</param>
    /// <returns>How many entries <see cref="Get"/> has.</returns>
    public int Wait(int milliseconds)
    {
        fixed (byte* events = _events)
        {
            var count = Wait(_descriptor, events, MaxEvents, milliseconds);
            if (count >= 0) return count;
            return Marshal.GetLastPInvokeError() == Libc.EINTR ? 0 : throw new Win32Exception();
        }
    }

    /// <summary>An entry of the last wait.</summary>
    public (uint Events, ulong Token) Get(int index)
    {
        ref var entry = ref _events[index * Stride];
        return (Unsafe.ReadUnaligned<uint>(ref entry), Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref entry, TokenOffset)));
    }

    /// <summary>Ends a wait, from any thread, with an entry whose token is <see cref="WakeToken"/>.</summary>
    public void Wake()
    {
        var one = 1UL;
        _ = Libc.Write(_wake, &one, sizeof(ulong));
    }

    /// <summary>Closes the set; nobody may use it any more.</summary>
    public void Dispose()
    {
        if (_wake >= 0) _ = Libc.Close(_wake);
        _ = Libc.Close(_descriptor);
    }

    private static int Check(int result) => result >= 0 ? result : throw new Win32Exception();

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int Create(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static partial int Control(int set, int operation, int descriptor, byte* entry);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    private static partial int Wait(int set, byte* events, int count, int milliseconds);
}
