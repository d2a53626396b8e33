using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using VpnWs.Ethernet;
using VpnWs.Taps;

namespace VpnWs.Tests.Taps;

[SupportedOSPlatform("linux")]
public sealed class LinuxTapOffloadTests : IDisposable
{
    private const int HeaderLength = 10;
    private const byte NeedsChecksum = 1;
    private const byte UdpSegments = 5;
    private const string HostIP = "10.9.0.1";
    private const string PeerIP = "10.9.0.2";
    private const int Port = 4000;

    private readonly NamespaceThread _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public void Each_frame_read_is_preceded_by_its_header() => _host.Run(() =>
    {
        using var tap = LinuxTap.Open(new TapOptions { Name = "vpn0", Offload = true, Up = true });
        Assert.True(tap.HasOffload);
        var frame = Frames.Seek(tap, f => Frames.EtherType(f[HeaderLength..]) == Frames.IPv6);
        Assert.Equal(tap.Address, EthernetFrame.Source(frame.AsSpan(HeaderLength)));
    });

    [Theory]
    [InlineData("0000_0000_0000_0000_0000", TapStatus.Done)]
    [InlineData("0000_0000_0000_0000", TapStatus.Refused)]
    [InlineData("0055_0000_0000_0000_0000", TapStatus.Refused)]
    [InlineData("0100_0000_0000_ff0f_0000", TapStatus.Refused)]
    [InlineData("0101_3600_0000_2200_1000", TapStatus.Refused)]
    public void A_header_that_the_kernel_refuses_does_no_harm(string header, TapStatus expected) => _host.Run(() =>
    {
        using var tap = LinuxTap.Open(new TapOptions { Name = "vpn0", Offload = true, Up = true });
        var bytes = Convert.FromHexString(header.Replace("_", "", StringComparison.Ordinal));
        Assert.Equal(expected, tap.Write(bytes.Length < HeaderLength ? bytes : [.. bytes, .. Frames.Broadcast(64)]));
        Assert.Equal(TapStatus.Done, tap.Write([.. new byte[HeaderLength], .. Frames.Broadcast(60)]));
    });

    [Fact]
    public void UDP_super_frames_are_read_whole_where_the_kernel_has_them() => _host.Run(() =>
    {
        const int UdpLevel = 17;
        const int SegmentOption = 103;
        const int Segment = 1000;
        const int Length = 60_500;
        using var tap = LinuxTap.Open(new TapOptions { Name = "vpn0", Offload = true, IPAddresses = [InterfaceAddress.Parse($"{HostIP}/24")] });
        Assert.SkipUnless(tap.HasUdpOffload, "needs Linux 6.2");
        var us = MacAddress.Parse("02:00:00:00:00:02");
        tap.Write([.. new byte[HeaderLength], .. Frames.ArpPacket(1, us, PeerIP, MacAddress.Zero, HostIP)]);
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.SetRawSocketOption(UdpLevel, SegmentOption, BitConverter.GetBytes(Segment));
        var payload = new byte[Length];
        new Random(1).NextBytes(payload);
        socket.SendTo(payload, new IPEndPoint(IPAddress.Parse(PeerIP), Port));
        var frame = Frames.Seek(tap, f => Frames.IsUdp(f[HeaderLength..]));
        Assert.Equal(HeaderLength + 42 + Length, frame.Length);
        Assert.Equal((NeedsChecksum, UdpSegments), (frame[0], frame[1]));
        Assert.Equal(Segment, BinaryPrimitives.ReadUInt16LittleEndian(frame.AsSpan(4)));
        Assert.Equal(payload, frame[(HeaderLength + 42)..]);
    });

    [Theory]
    [InlineData(false, 1500)]
    [InlineData(true, 1500)]
    [InlineData(false, 9000)]
    public void TCP_passes_between_two_hosts(bool offload, int mtu)
    {
        using NamespaceThread peer = new();
        using var near = _host.Run(() => Open(HostIP, offload, mtu));
        using var far = peer.Run(() => Open(PeerIP, offload, mtu));
        var largest = Transfer(peer, near, far);
        if (offload) Assert.InRange(largest, mtu + EthernetFrame.HeaderLength + HeaderLength + 1, int.MaxValue);
        else Assert.Equal(mtu + EthernetFrame.HeaderLength, largest);
    }

    [Fact]
    public void What_an_earlier_user_asked_for_is_undone_on_a_persistent_tap()
    {
        using NamespaceThread peer = new();
        _host.Run(() =>
        {
            LinuxTap.Open(new TapOptions { Name = "vpn0", Persistent = true }).Dispose();
            using var tap = LinuxTap.Open(new TapOptions { Name = "vpn0", Offload = true, Up = true });
            var frame = Frames.Seek(tap, f => Frames.EtherType(f[HeaderLength..]) == Frames.IPv6);
            Assert.Equal(0, frame[1]);
        });
        using (var near = _host.Run(() => Open(HostIP, offload: false, 1500)))
        using (var far = peer.Run(() => Open(PeerIP, offload: false, 1500)))
            Assert.Equal(1514, Transfer(peer, near, far));
        _host.Run(() => LinuxTap.Delete("vpn0"));
    }

    private static LinuxTap Open(string ip, bool offload, int mtu) =>
        LinuxTap.Open(new TapOptions { Name = "vpn0", Offload = offload, Mtu = mtu, IPAddresses = [InterfaceAddress.Parse($"{ip}/24")] });

    // Sends four megabytes from one host to the other over a relay of the two taps; returns the length of the longest frame.
    private int Transfer(NamespaceThread peer, LinuxTap near, LinuxTap far)
    {
        var payload = new byte[4 << 20];
        new Random(2).NextBytes(payload);
        var received = new byte[payload.Length];
        var largest = 0;
        using CancellationTokenSource stop = new();
        Thread[] relays = [new(() => Relay(near, far)), new(() => Relay(far, near))];
        foreach (var relay in relays)
        {
            relay.IsBackground = true;
            relay.Start();
        }

        try
        {
            using var listener = peer.Run(() => Listen());
            var receiving = peer.Start(() => Receive(listener, received));
            _host.Run(() => Send(payload));
            receiving();
        }
        finally
        {
            stop.Cancel();
            near.Wake();
            far.Wake();
            foreach (var relay in relays) relay.Join();
        }

        Assert.True(payload.AsSpan().SequenceEqual(received));
        return largest;

        void Relay(LinuxTap from, LinuxTap to)
        {
            var buffer = new byte[EthernetFrame.MaxLength + HeaderLength];
            while (!stop.IsCancellationRequested)
            {
                from.Wait(Timeout.Infinite);
                while (from.Read(buffer, out var length) == TapStatus.Done)
                {
                    InterlockedMax(ref largest, length);
                    to.Write(buffer.AsSpan(0, length));
                }
            }
        }
    }

    private static Socket Listen()
    {
        Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Parse(PeerIP), Port));
        listener.Listen();
        return listener;
    }

    private static void Receive(Socket listener, byte[] into)
    {
        const int Patience = 20_000_000;
        Assert.True(listener.Poll(Patience, SelectMode.SelectRead));
        using var socket = listener.Accept();
        socket.ReceiveTimeout = Patience / 1000;
        for (var at = 0; at < into.Length;)
        {
            var count = socket.Receive(into.AsSpan(at));
            Assert.NotEqual(0, count);
            at += count;
        }
    }

    private static void Send(byte[] payload)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.SendTimeout = 20_000;
        socket.Connect(new IPEndPoint(IPAddress.Parse(PeerIP), Port));
        Assert.Equal(payload.Length, socket.Send(payload));
    }

    private static void InterlockedMax(ref int largest, int value)
    {
        for (var old = largest; old < value; old = largest)
        {
            if (Interlocked.CompareExchange(ref largest, value, old) == old) return;
        }
    }
}
