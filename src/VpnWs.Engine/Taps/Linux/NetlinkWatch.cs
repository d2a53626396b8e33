using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace VpnWs.Taps;

/// <summary>
/// Hears of interfaces, addresses, routes and rules of routing that come, go or change (rtnetlink(7)), in the network namespace of the thread that makes it.
/// </summary>
internal sealed class NetlinkWatch : IDisposable
{
    // RTMGRP_LINK, RTMGRP_IPV4_IFADDR, _ROUTE and _RULE, RTMGRP_IPV6_IFADDR and _ROUTE, and the group of RTNLGRP_IPV6_RULE.
    private const uint Groups = 0x1 | 0x10 | 0x40 | 0x80 | 0x100 | 0x400 | 0x4_0000;

    private const ushort NewLink = 16;
    private const ushort DeleteLink = 17;
    private const ushort NewRoute = 24;
    private const ushort DeleteRoute = 25;

    private const int LinkChangeOffset = 12;
    private const int RouteTypeOffset = 7;
    private const int RouteFlagsOffset = 8;
    private const byte Unicast = 1;
    private const uint Cloned = 0x200;

    private readonly Socket _socket;
    private readonly Action _changed;

    /// <summary>Begins to listen.</summary>
    /// <param name="changed">Called on a thread of the pool.</param>
    /// <exception cref="TapException">The system does not let us listen.</exception>
    public NetlinkWatch(Action changed)
    {
        _changed = changed;
        _socket = new Socket(new SafeSocketHandle(Open(), ownsHandle: true));
        _ = RunAsync();
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private static unsafe int Open()
    {
        var descriptor = Libc.Socket(Libc.AF_NETLINK, Libc.SOCK_RAW | Libc.O_CLOEXEC | Libc.O_NONBLOCK, NetlinkSocket.RouteProtocol);
        if (descriptor < 0) throw Failed();
        var address = new Libc.NetlinkAddress { Family = Libc.AF_NETLINK, Groups = Groups };
        if (Libc.Bind(descriptor, &address, (uint)sizeof(Libc.NetlinkAddress)) == 0) return descriptor;
        var failure = Failed();
        _ = Libc.Close(descriptor);
        throw failure;
    }

    private static TapException Failed() =>
        LinuxErrors.Failed("Cannot open a netlink socket (AF_NETLINK) to watch the network", Marshal.GetLastPInvokeError());

    private async Task RunAsync()
    {
        var buffer = new byte[NetlinkSocket.ReceiveRoom];
        while (true)
        {
            try
            {
                var length = await _socket.ReceiveAsync(buffer).ConfigureAwait(false);
                if (Matters(buffer.AsSpan(0, length))) _changed();
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.NoBufferSpaceAvailable)
            {
                // So much has happened that the kernel could not keep it.
                _changed();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    /// <summary>Whether packets may go another way now.</summary>
    private static bool Matters(Span<byte> messages)
    {
        while (NetlinkSocket.Next(ref messages, out var header, out var payload))
        {
            if (Matters(header.Type, payload)) return true;
        }

        return false;
    }

    private static bool Matters(ushort type, ReadOnlySpan<byte> payload) => type switch
    {
        // Wireless interfaces tell of each scan, without a change.
        NewLink => Read(payload, LinkChangeOffset) != 0,
        DeleteLink => true,
        // Neither what the kernel has found out about a path, nor what comes with an address.
        NewRoute or DeleteRoute => payload.Length > RouteTypeOffset && payload[RouteTypeOffset] == Unicast && (Read(payload, RouteFlagsOffset) & Cloned) == 0,
        _ => true,
    };

    private static uint Read(ReadOnlySpan<byte> payload, int offset) =>
        payload.Length >= offset + sizeof(uint) ? MemoryMarshal.Read<uint>(payload[offset..]) : 0;
}
