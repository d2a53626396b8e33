using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using VpnWs.Ethernet;
using VpnWs.Taps;

namespace VpnWs.Tests.Taps;

[SupportedOSPlatform("linux")]
public sealed class LinuxTapFrameTests : IDisposable
{
    private const string HostIP = "10.9.0.1";
    private const string OurIP = "10.9.0.2";
    private static readonly MacAddress Us = MacAddress.Parse("02:00:00:00:00:02");

    private readonly NamespaceThread _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public void The_kernel_answers_the_ARP_request_that_is_written() => _host.Run(() =>
    {
        using var tap = Open(1500);
        Assert.Equal(TapStatus.Done, tap.Write(Frames.ArpPacket(1, Us, OurIP, MacAddress.Zero, HostIP)));
        var answer = Frames.Seek(tap, f => Frames.EtherType(f) == Frames.Arp && f[21] == 2);
        Assert.Equal(Frames.ArpPacket(2, tap.Address, HostIP, Us, OurIP), answer);
    });

    [Theory]
    [InlineData(1500)]
    [InlineData(9000)]
    [InlineData(65521)]
    public void Frames_of_full_size_pass_whole_in_both_directions(int mtu) => _host.Run(() =>
    {
        using var tap = Open(mtu);
        BecomeKnown(tap);
        var request = Frames.EchoRequest(Us, OurIP, tap.Address, HostIP, EthernetFrame.HeaderLength + mtu);
        Assert.Equal(TapStatus.Done, tap.Write(request));
        var reply = Frames.Seek(tap, Frames.IsEchoReply);
        Assert.Equal(request.Length, reply.Length);
        Assert.Equal(request[38..], reply[38..]);
    });

    [Theory]
    [InlineData(1500)]
    [InlineData(9000)]
    [InlineData(65521)]
    public void A_datagram_of_full_size_is_read_whole(int mtu) => _host.Run(() =>
    {
        using var tap = Open(mtu);
        BecomeKnown(tap);
        var payload = new byte[mtu - 28];
        new Random(mtu).NextBytes(payload);
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.SendTo(payload, new IPEndPoint(IPAddress.Parse(OurIP), 4000));
        var frame = Frames.Seek(tap, Frames.IsUdp);
        Assert.Equal(EthernetFrame.HeaderLength + mtu, frame.Length);
        Assert.Equal(payload, frame[42..]);
    });

    [Fact]
    public void The_longest_frame_that_the_kernel_makes_fits_into_the_least_buffer() => _host.Run(() =>
    {
        // A tagged frame may exceed the MTU by its tag; a packet socket sends what it is given.
        using var tap = Open(65521);
        var frame = Frames.Broadcast(EthernetFrame.HeaderLength + EthernetFrame.VlanTagLength + 65521);
        (frame[12], frame[13]) = (0x81, 0x00);
        Kernel.SendRaw(tap.Index, frame);
        Assert.Equal(frame, Frames.Seek(tap, f => Frames.EtherType(f) == 0x8100));
    });

    [Fact]
    public void The_kernel_speaks_IPv6_on_a_tap_that_comes_up() => _host.Run(() =>
    {
        using var tap = LinuxTap.Open(new TapOptions { Name = "vpn0", Up = true });
        var frame = Frames.Seek(tap, f => Frames.EtherType(f) == Frames.IPv6);
        Assert.Equal(tap.Address, EthernetFrame.Source(frame));
    });

    [Theory]
    [InlineData(0)]
    [InlineData(13)]
    public void A_frame_that_the_kernel_refuses_does_no_harm(int length) => _host.Run(() =>
    {
        using var tap = Open(1500);
        Assert.Equal(TapStatus.Refused, tap.Write(new byte[length]));
        BecomeKnown(tap);
    });

    [Fact]
    public void A_buffer_that_could_cut_a_frame_is_refused() => _host.Run(() =>
    {
        using var tap = LinuxTap.Open(new TapOptions { Name = "vpn0" });
        using var offloading = LinuxTap.Open(new TapOptions { Name = "vpn1", Offload = true });
        Assert.Throws<ArgumentException>(() => tap.Read(new byte[65548], out _));
        Assert.Throws<ArgumentException>(() => offloading.Read(new byte[65558], out _));
        Assert.Equal(TapStatus.WouldBlock, tap.Read(new byte[65549], out var length));
        Assert.Equal(TapStatus.WouldBlock, offloading.Read(new byte[65559], out length));
        Assert.Equal(0, length);
    });

    [Fact]
    public void Frames_pass_without_allocation() => _host.Run(() =>
    {
        const int passes = 20_000;
        using var tap = Open(1500);
        var buffer = new byte[EthernetFrame.MaxLength];
        var request = Frames.ArpPacket(1, Us, OurIP, MacAddress.Zero, HostIP);
        var answers = 0;
        for (var i = 0; i < 100; i++) Pass();
        answers = 0;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < passes; i++) Pass();
        // The runtime may allocate a little once; an object for each pass would be 24 bytes at least.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, passes);
        Assert.InRange(answers, passes, int.MaxValue);

        void Pass()
        {
            tap.Write(request);
            while (tap.Read(buffer, out _) == TapStatus.Done) answers++;
            tap.Wait(0);
        }
    });

    private static LinuxTap Open(int mtu) =>
        LinuxTap.Open(new TapOptions { Name = "vpn0", Mtu = mtu, IPAddresses = [InterfaceAddress.Parse($"{HostIP}/24")] });

    // The request makes the kernel learn our address, so that it need not ask for it.
    private static void BecomeKnown(LinuxTap tap)
    {
        Assert.Equal(TapStatus.Done, tap.Write(Frames.ArpPacket(1, Us, OurIP, MacAddress.Zero, HostIP)));
        Frames.Seek(tap, f => Frames.EtherType(f) == Frames.Arp && f[21] == 2);
    }
}
