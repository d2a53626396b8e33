using System.ComponentModel;
using System.Runtime.InteropServices;
using VpnWs.Offload;

namespace VpnWs.Tests.Offload;

/// <summary>A tap of the thread's own namespace, with a <see cref="VirtioNetHeader"/> before every frame. May be read and written from any thread.</summary>
internal sealed partial class KernelTap : IDisposable
{
    /// <summary>Checksums, TSO over IPv4 and IPv6, ECN: what every kernel takes.</summary>
    public const int TcpOffload = 0x0f;

    /// <summary>USO over IPv4 and IPv6 (Linux 6.2).</summary>
    public const int UdpOffload = 0x60;

    private const int ReadWriteNonBlocking = 2 | 0x800;
    private const nuint SetInterface = 0x4004_54ca;
    private const nuint SetOffload = 0x4004_54d0;
    private const short TapWithHeader = 0x0002 | 0x1000 | 0x4000;
    private const short PollIn = 1;
    private const int TryAgain = 11;
    private const int MaxLength = 70_000;

    private readonly int _descriptor;
    private readonly byte[] _buffer = new byte[MaxLength];

    /// <summary>Makes the tap and brings it up; UDP offload is dropped where the kernel does not know it.</summary>
    public KernelTap(string name, int offload)
    {
        _descriptor = PrivateNetwork.Check(Open("/dev/net/tun", ReadWriteNonBlocking));
        var request = PrivateNetwork.Named(name);
        BitConverter.TryWriteBytes(request.AsSpan(PrivateNetwork.NameLength), TapWithHeader);
        PrivateNetwork.Check(PrivateNetwork.Control(_descriptor, SetInterface, request));
        HasUdpOffload = (offload & UdpOffload) != 0 && ControlValue(_descriptor, SetOffload, offload) == 0;
        if (!HasUdpOffload) PrivateNetwork.Check(ControlValue(_descriptor, SetOffload, offload & ~UdpOffload));
        PrivateNetwork.BringUp(name);
    }

    public bool HasUdpOffload { get; }

    public void Write(in VirtioNetHeader header, ReadOnlySpan<byte> frame)
    {
        byte[] message = new byte[VirtioNetHeader.Length + frame.Length];
        header.Write(message);
        frame.CopyTo(message.AsSpan(VirtioNetHeader.Length));
        Assert.Equal(message.Length, PrivateNetwork.Check(WriteBytes(_descriptor, message, message.Length)));
    }

    /// <summary>Reads the next frame, waiting for one as long as told.</summary>
    public bool TryRead(int milliseconds, out VirtioNetHeader header, out byte[] frame)
    {
        header = default;
        frame = [];
        var poll = (ulong)(uint)_descriptor | ((ulong)PollIn << 32);
        if (PrivateNetwork.Check(Poll(ref poll, 1, milliseconds)) == 0) return false;
        var length = ReadBytes(_descriptor, _buffer, MaxLength);
        if (length < 0 && Marshal.GetLastPInvokeError() == TryAgain) return false;
        if (length < 0) throw new Win32Exception(Marshal.GetLastPInvokeError());
        header = VirtioNetHeader.Read(_buffer);
        frame = _buffer[VirtioNetHeader.Length..(int)length];
        return true;
    }

    public void Dispose() => Close(_descriptor);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int ControlValue(int descriptor, nuint request, nint value);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteBytes(int descriptor, ReadOnlySpan<byte> bytes, nint length);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint ReadBytes(int descriptor, Span<byte> bytes, nint length);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(ref ulong descriptors, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
