using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace VpnWs.Taps;

/// <summary>The IPv4 and IPv6 addresses of interfaces, through route netlink (RTM_NEWADDR and its kin, rtnetlink(7)).</summary>
internal static class InterfaceAddresses
{
    private const ushort NewAddress = 20;
    private const ushort DeleteAddress = 21;
    private const ushort GetAddresses = 22;

    private const ushort AddressAttribute = 1;
    private const ushort LocalAttribute = 2;
    private const ushort BroadcastAttribute = 4;

    private const byte KernelInet = 2;
    private const byte KernelInet6 = 10;
    private const byte WithoutDuplicateDetection = 0x02;
    private const int PointToPointPrefix = 31;
    private const int Room = 256;

    /// <summary>Whether the interface has this very address with this prefix length.</summary>
    internal static bool Has(InterfaceControl control, int index, InterfaceAddress address)
    {
        var wanted = Body(index, address);
        var bytes = address.Address.GetAddressBytes();
        var found = false;
        var message = new NetlinkMessage(stackalloc byte[Room], GetAddresses, NetlinkMessage.FlagDump);
        message.Body(new AddressBody { Family = wanted.Family });
        var result = control.Request(message, (_, payload) => found |= IsSame(payload, wanted, bytes));
        return result.Error == 0 ? found : throw LinuxErrors.Failed("Cannot ask for the addresses of network interfaces", result.Error, result.Text);
    }

    /// <summary>
    /// Gives the address to the interface. An IPv6 address is used at once, without duplicate address detection (RFC 4862
    /// section 5.4): nobody may be at the other end yet to be asked, and a server must be able to bind to it straight away.
    /// </summary>
    internal static NetlinkResult Add(InterfaceControl control, int index, InterfaceAddress address) =>
        Request(control, NewAddress, NetlinkMessage.FlagAck | NetlinkMessage.FlagCreate | NetlinkMessage.FlagExclusive, index, address);

    /// <summary>Takes the address from the interface.</summary>
    internal static NetlinkResult Remove(InterfaceControl control, int index, InterfaceAddress address) =>
        Request(control, DeleteAddress, NetlinkMessage.FlagAck, index, address);

    private static NetlinkResult Request(InterfaceControl control, ushort type, ushort flags, int index, InterfaceAddress address)
    {
        var message = new NetlinkMessage(stackalloc byte[Room], type, flags);
        var body = Body(index, address);
        message.Body(body);
        var bytes = address.Address.GetAddressBytes();
        message.Attribute(LocalAttribute, bytes);
        message.Attribute(AddressAttribute, bytes);
        if (body.Family == KernelInet && address.PrefixLength < PointToPointPrefix)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes, BinaryPrimitives.ReadUInt32BigEndian(bytes) | (uint.MaxValue >> address.PrefixLength));
            message.Attribute(BroadcastAttribute, bytes);
        }

        return control.Request(message);
    }

    private static AddressBody Body(int index, InterfaceAddress address)
    {
        var six = address.Address.AddressFamily == AddressFamily.InterNetworkV6;
        return new AddressBody
        {
            Family = six ? KernelInet6 : KernelInet,
            PrefixLength = (byte)address.PrefixLength,
            Flags = six ? WithoutDuplicateDetection : (byte)0,
            Index = index,
        };
    }

    private static bool IsSame(ReadOnlySpan<byte> payload, AddressBody wanted, ReadOnlySpan<byte> bytes)
    {
        var body = MemoryMarshal.Read<AddressBody>(payload);
        if (body.Index != wanted.Index || body.PrefixLength != wanted.PrefixLength) return false;
        var attributes = payload[Marshal.SizeOf<AddressBody>()..];
        bool same = false, sameLocal = false, hasLocal = false;
        while (NetlinkMessage.Next(ref attributes, out var type, out var value))
        {
            if (type == AddressAttribute) same = value.SequenceEqual(bytes);
            if (type == LocalAttribute) (hasLocal, sameLocal) = (true, value.SequenceEqual(bytes));
        }

        // Where the two differ, as on a point-to-point link, the other attribute holds the peer's.
        return hasLocal ? sameLocal : same;
    }

    /// <summary><c>struct ifaddrmsg</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct AddressBody
    {
        internal byte Family;
        internal byte PrefixLength;
        internal byte Flags;
        internal byte Scope;
        internal int Index;
    }
}
