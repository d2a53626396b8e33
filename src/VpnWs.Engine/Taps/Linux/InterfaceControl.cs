using System.Runtime.InteropServices;

namespace VpnWs.Taps;

/// <summary>What the kernel tells of an interface.</summary>
/// <param name="Index">Its number, unique in its network namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="Flags">The IFF_ flags, of which <see cref="Up"/> is the first.</param>
/// <param name="Mtu">Its MTU in bytes.</param>
/// <param name="Master">The index of the bridge that it is a port of, 0 for none.</param>
/// <param name="Kind">Its driver's kind, such as <c>tun</c> or <c>bridge</c>; empty for hardware.</param>
internal readonly record struct LinkState(int Index, string Name, uint Flags, int Mtu, int Master, string Kind)
{
    internal const uint Up = 0x1;

    internal bool IsUp => (Flags & Up) != 0;
}

/// <summary>Asks about interfaces and sets them up through route netlink (rtnetlink(7)), by index, so that a rename does no harm.</summary>
internal sealed class InterfaceControl : IDisposable
{
    private const ushort LinkReply = 16;
    private const ushort GetLinkType = 18;
    private const ushort SetLinkType = 19;

    private const ushort NameAttribute = 3;
    private const ushort MtuAttribute = 4;
    private const ushort MasterAttribute = 10;
    private const ushort LinkInfoAttribute = 18;
    private const ushort ExtentAttribute = 29;
    private const ushort KindAttribute = 1;
    private const int WithoutStatistics = 0x8;

    private const int Room = 256;

    private readonly NetlinkSocket _socket = new();

    /// <summary>The interface of this name; null where there is none.</summary>
    internal LinkState? Find(string name) => Find(0, name);

    /// <summary>The interface of this index; null where there is none.</summary>
    internal LinkState? Find(int index) => Find(index, null);

    /// <summary>Sets the interface up or down.</summary>
    internal NetlinkResult SetUp(int index, bool up) => SetLink(new LinkBody { Index = index, Flags = up ? LinkState.Up : 0, Change = LinkState.Up });

    /// <summary>Sets the MTU.</summary>
    internal NetlinkResult SetMtu(int index, int mtu) => SetLink(new LinkBody { Index = index }, MtuAttribute, mtu);

    /// <summary>Makes the interface a port of this bridge, or of none for 0.</summary>
    internal NetlinkResult SetMaster(int index, int master) => SetLink(new LinkBody { Index = index }, MasterAttribute, master);

    /// <summary>Sends a request of a kind that this class does not know.</summary>
    internal NetlinkResult Request(NetlinkMessage message, NetlinkReply? onReply = null) => _socket.Request(message, onReply);

    public void Dispose() => _socket.Dispose();

    private static LinkState ReadLink(ReadOnlySpan<byte> payload)
    {
        var body = MemoryMarshal.Read<LinkBody>(payload);
        var link = new LinkState(body.Index, string.Empty, body.Flags, 0, 0, string.Empty);
        var attributes = payload[Marshal.SizeOf<LinkBody>()..];
        while (NetlinkMessage.Next(ref attributes, out var type, out var value))
        {
            link = type switch
            {
                NameAttribute => link with { Name = NetlinkMessage.Text(value) },
                MtuAttribute => link with { Mtu = MemoryMarshal.Read<int>(value) },
                MasterAttribute => link with { Master = MemoryMarshal.Read<int>(value) },
                LinkInfoAttribute => link with { Kind = ReadKind(value) },
                _ => link,
            };
        }

        return link;
    }

    private static string ReadKind(ReadOnlySpan<byte> attributes)
    {
        while (NetlinkMessage.Next(ref attributes, out var type, out var value))
        {
            if (type == KindAttribute) return NetlinkMessage.Text(value);
        }

        return string.Empty;
    }

    private LinkState? Find(int index, string? name)
    {
        var message = new NetlinkMessage(stackalloc byte[Room], GetLinkType, NetlinkMessage.FlagAck);
        message.Body(new LinkBody { Index = index });
        if (name is not null) message.Attribute(NameAttribute, name);
        message.Attribute(ExtentAttribute, WithoutStatistics);
        LinkState? found = null;
        var result = _socket.Request(message, (type, payload) =>
        {
            if (type == LinkReply) found = ReadLink(payload);
        });
        return result.Error is 0 or Libc.ENODEV ? found : throw LinuxErrors.Failed("Cannot ask for a network interface", result.Error, result.Text);
    }

    private NetlinkResult SetLink(LinkBody body, ushort attribute = 0, int value = 0)
    {
        var message = new NetlinkMessage(stackalloc byte[Room], SetLinkType, NetlinkMessage.FlagAck);
        message.Body(body);
        if (attribute != 0) message.Attribute(attribute, value);
        return _socket.Request(message);
    }

    /// <summary><c>struct ifinfomsg</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct LinkBody
    {
        internal byte Family;
        internal ushort HardwareType;
        internal int Index;
        internal uint Flags;
        internal uint Change;
    }
}
