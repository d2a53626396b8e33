using System.Runtime.InteropServices;
using System.Text;
using VpnWs.Ethernet;

namespace VpnWs.Taps;

/// <summary>What is asked of the tun driver itself, by ioctl on its descriptor (Documentation/networking/tuntap.rst and linux/if_tun.h).</summary>
/// <remarks>These calls follow the interface through renames and into other network namespaces, and need no rights once attached.</remarks>
internal sealed class TunDevice
{
    internal const string Path = "/dev/net/tun";

    private const nuint SetInterface = 0x400454ca;
    private const nuint SetPersistence = 0x400454cb;
    private const nuint SetOwnerId = 0x400454cc;
    private const nuint SetOffloads = 0x400454d0;
    private const nuint GetInterface = 0x800454d2;
    private const nuint SetHeaderLength = 0x400454d8;
    private const nuint SetLittleEndian = 0x400454dc;
    private const nuint SetHardwareAddress = 0x8924;
    private const nuint GetHardwareAddress = 0x8927;

    private const ushort Tap = 0x0002;
    private const ushort MultiQueue = 0x0100;
    private const ushort Persist = 0x0800;
    private const ushort NoPacketInformation = 0x1000;
    private const ushort OffloadHeader = 0x4000;

    private const ushort EthernetFamily = 1;
    private const int RequestLength = 40;
    private const int AddressOffset = InterfaceName.Room + sizeof(ushort);

    private const uint Checksums = 0x01;
    private const uint TcpSegments = 0x02 | 0x04;
    private const uint CongestionMarks = 0x08;
    private const uint UdpSegments = 0x20 | 0x40;

    // From the most that this program can use down to what every kernel takes.
    private static readonly uint[] OffloadChoices =
    [
        Checksums | TcpSegments | CongestionMarks | UdpSegments, Checksums | TcpSegments | CongestionMarks, Checksums | TcpSegments, Checksums, 0,
    ];

    private TunDevice(Descriptor descriptor) => Descriptor = descriptor;

    internal Descriptor Descriptor { get; }

    /// <summary>Whether the kernel passes UDP super-frames whole (Linux 6.2 on).</summary>
    internal bool HasUdpSegments { get; private set; }

    /// <summary>Makes an interface or attaches to the one of that name.</summary>
    internal static TunDevice Open(string name, bool existed, bool offload)
    {
        var device = new TunDevice(Descriptor.Open(
            static () => Libc.Open(Path, Libc.O_RDWR | Libc.O_NONBLOCK | Libc.O_CLOEXEC),
            static error => LinuxErrors.Device(Path, error)));
        try
        {
            device.Attach(name, existed, offload);
            device.ChooseOffloads(name, offload);
            return device;
        }
        catch
        {
            device.Descriptor.Dispose();
            throw;
        }
    }

    /// <summary>The present name of the interface and whether it is persistent; null when it has gone.</summary>
    internal (string Name, bool Persistent)? Query()
    {
        Span<byte> request = stackalloc byte[RequestLength];
        request.Clear();
        if (Call(GetInterface, request) != 0) return null;
        var name = request[..InterfaceName.Room];
        return (Encoding.UTF8.GetString(name[..name.IndexOf((byte)0)]), (MemoryMarshal.Read<ushort>(request[InterfaceName.Room..]) & Persist) != 0);
    }

    /// <summary>Reads the interface's own address; null when it has gone.</summary>
    internal MacAddress? GetAddress()
    {
        Span<byte> request = stackalloc byte[RequestLength];
        request.Clear();
        return Call(GetHardwareAddress, request) == 0 ? MacAddress.Read(request[AddressOffset..]) : null;
    }

    /// <summary>Sets the interface's own address; returns the error number, or 0.</summary>
    internal int SetAddress(MacAddress address)
    {
        Span<byte> request = stackalloc byte[RequestLength];
        request.Clear();
        MemoryMarshal.Write(request[InterfaceName.Room..], EthernetFamily);
        address.CopyTo(request[AddressOffset..]);
        return Call(SetHardwareAddress, request);
    }

    /// <summary>Sets who may attach without further rights; returns the error number, or 0.</summary>
    internal int SetOwner(uint user) => Call(SetOwnerId, (nuint)user);

    /// <summary>Sets whether the interface outlives this descriptor; returns the error number, or 0.</summary>
    internal int SetPersistent(bool persistent) => Call(SetPersistence, persistent ? 1u : 0);

    private void Attach(string name, bool existed, bool offload)
    {
        var flags = (ushort)(Tap | NoPacketInformation | (offload ? OffloadHeader : 0));
        var error = Attach(name, flags);
        // An interface made for many queues is only attached to as such; one queue of it serves as well as a plain tap.
        if (error == Libc.EINVAL && existed) error = Attach(name, (ushort)(flags | MultiQueue));
        if (error != 0) throw LinuxErrors.Attach(name, existed, error);
    }

    private int Attach(string name, ushort flags)
    {
        Span<byte> request = stackalloc byte[RequestLength];
        request.Clear();
        Encoding.UTF8.GetBytes(name, request[..InterfaceName.MaxLength]);
        MemoryMarshal.Write(request[InterfaceName.Room..], flags);
        return Call(SetInterface, request);
    }

    private void ChooseOffloads(string name, bool offload)
    {
        if (!offload)
        {
            // A persistent interface keeps what its last user asked for, and would hand out super-frames without a header.
            _ = Call(SetOffloads, 0);
            return;
        }

        const int HeaderLength = 10;
        var error = CallWith(SetHeaderLength, HeaderLength);
        if (error == 0) error = CallWith(SetLittleEndian, 1);
        if (error != 0) throw LinuxErrors.Failed($"The kernel cannot offload on the tap '{name}'", error);
        HasUdpSegments = (Array.Find(OffloadChoices, choice => Call(SetOffloads, choice) == 0) & UdpSegments) != 0;
    }

    private int CallWith(nuint request, int argument) => Call(request, MemoryMarshal.AsBytes(new Span<int>(ref argument)));

    private unsafe int Call(nuint request, Span<byte> argument)
    {
        fixed (byte* start = argument)
        {
            var error = Libc.Control(Descriptor.Number, request, start) >= 0 ? 0 : Marshal.GetLastPInvokeError();
            GC.KeepAlive(Descriptor);
            return error;
        }
    }

    private int Call(nuint request, nuint argument)
    {
        var error = Libc.Control(Descriptor.Number, request, argument) >= 0 ? 0 : Marshal.GetLastPInvokeError();
        GC.KeepAlive(Descriptor);
        return error;
    }
}
