using System.Net;
using System.Runtime.InteropServices;
using System.Text;

namespace VpnWs.Tests.Taps;

/// <summary>Calls of the C library for the tests' own looks at the kernel, apart from those that the engine makes.</summary>
internal static partial class Kernel
{
    internal const int NewMounts = 0x0002_0000;
    internal const int NewNetwork = 0x4000_0000;

    private const int InternetDatagram = 2;
    private const nuint GetMtu = 0x8921;
    private const nuint GetFlags = 0x8913;
    private const nuint GetBroadcast = 0x8919;
    private const int RequestLength = 40;
    private const int NameRoom = 16;

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    internal static partial int Unshare(int flags);

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    internal static partial int EnterNamespace(int descriptor, int kind);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    internal static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Mount(string source, string target, string? kind, nuint flags, nint data);

    [LibraryImport("libc", EntryPoint = "mknod", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int MakeNode(string path, uint mode, ulong device);

    [LibraryImport("libc", EntryPoint = "chmod", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int ChangeMode(string path, uint mode);

    /// <summary>Gives up root in the calling thread alone: the C library's own setresuid would take every thread along.</summary>
    internal static long BecomeUser(uint user)
    {
        var setUsers = RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64 ? 117 : 147;
        return SystemCall(setUsers, (nint)user, (nint)user, (nint)user);
    }

    /// <summary>Makes a persistent tap for many queues, as other programs do.</summary>
    internal static void MakeMultiQueueTap(string name)
    {
        const int ReadWrite = 2;
        const nuint SetInterface = 0x400454ca;
        const nuint SetPersistence = 0x400454cb;
        const short TapWithManyQueues = 0x1102;
        var request = new byte[RequestLength];
        Encoding.UTF8.GetBytes(name, request);
        BitConverter.GetBytes(TapWithManyQueues).CopyTo(request, NameRoom);
        var device = Open("/dev/net/tun", ReadWrite);
        Assert.Equal(0, Control(device, SetInterface, request));
        Assert.Equal(0, Control(device, SetPersistence, request));
        Assert.Equal(0, Close(device));
    }

    /// <summary>Sends a frame out of an interface as it is (packet(7)).</summary>
    internal static void SendRaw(int index, byte[] frame)
    {
        const int PacketFamily = 17;
        const int RawSocket = 3;
        var address = new byte[20];
        BitConverter.GetBytes((short)PacketFamily).CopyTo(address, 0);
        BitConverter.GetBytes(index).CopyTo(address, 4);
        var socket = Socket(PacketFamily, RawSocket, 0);
        Assert.Equal(frame.Length, SendTo(socket, frame, (nuint)frame.Length, 0, address, (uint)address.Length));
        Assert.Equal(0, Close(socket));
    }

    /// <summary>The MTU of an interface in the calling thread's network namespace.</summary>
    internal static int MtuOf(string name) => BitConverter.ToInt32(Ask(name, GetMtu), NameRoom);

    /// <summary>Whether an interface in the calling thread's network namespace is up.</summary>
    internal static bool IsUp(string name) => (Ask(name, GetFlags)[NameRoom] & 1) != 0;

    /// <summary>The broadcast address that goes with an IPv4 address of an interface.</summary>
    internal static string BroadcastOf(string name, string address)
    {
        const int AddressAt = NameRoom + 4;
        // Given an address, the kernel looks for that one among the interface's.
        byte[] wanted = [InternetDatagram, 0, 0, 0, .. IPAddress.Parse(address).GetAddressBytes()];
        return new IPAddress(Ask(name, GetBroadcast, wanted).AsSpan(AddressAt, 4)).ToString();
    }

    /// <summary>The calling thread's number in /proc.</summary>
    internal static long ThreadId() => SystemCall(RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64 ? 186 : 178, 0, 0, 0);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint first, nint second, nint third);

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "sendto", SetLastError = true)]
    private static partial nint SendTo(int descriptor, byte[] bytes, nuint length, int flags, byte[] address, uint addressLength);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(int descriptor, nuint request, byte[] argument);

    private static byte[] Ask(string name, nuint what, byte[]? argument = null)
    {
        var request = new byte[RequestLength];
        Encoding.UTF8.GetBytes(name, request);
        argument?.CopyTo(request, NameRoom);
        var socket = Socket(InternetDatagram, InternetDatagram, 0);
        var result = Control(socket, what, request);
        var error = Marshal.GetLastPInvokeError();
        Assert.Equal(0, Close(socket));
        Assert.True(result == 0, Marshal.GetPInvokeErrorMessage(error));
        return request;
    }
}
