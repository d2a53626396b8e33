using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Runtime.Versioning;
using VpnWs.Ethernet;
using VpnWs.Taps;

namespace VpnWs.Tests.Taps;

[SupportedOSPlatform("linux")]
public sealed class LinuxTapSetupTests : IDisposable
{
    private readonly NamespaceThread _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public void A_new_tap_is_there_while_it_is_open_and_down_until_asked() => _host.Run(() =>
    {
        using (var tap = LinuxTap.Open(new TapOptions { Name = "vpn7" }))
        {
            Assert.Equal(("vpn7", 1500, false, false), (tap.Name, tap.Mtu, tap.IsUp, tap.HasOffload));
            Assert.True(LinuxTap.Exists("vpn7"));
            Assert.False(Kernel.IsUp("vpn7"));
            Assert.True(tap.Index > 0);
        }

        Assert.False(LinuxTap.Exists("vpn7"));
    });

    [Fact]
    public void A_pattern_takes_the_first_free_number() => _host.Run(() =>
    {
        using var first = LinuxTap.Open(new TapOptions { Name = "vpn%d" });
        using var second = (LinuxTap)TapFactory.Open(new TapOptions { Name = "vpn%d" });
        Assert.Equal(("vpn0", "vpn1"), (first.Name, second.Name));
        Assert.False(LinuxTap.Exists("vpn%d"));
    });

    [Fact]
    public void Address_and_MTU_are_set_and_read_anew() => _host.Run(() =>
    {
        var mac = MacAddress.Parse("02:12:34:56:78:9a");
        using var tap = LinuxTap.Open(new TapOptions { Name = "vpn0", Address = mac, Mtu = 9000 });
        Assert.Equal((mac, 9000, 9000), (tap.Address, tap.Mtu, Kernel.MtuOf("vpn0")));
        Assert.Equal("02123456789A", Interface("vpn0").GetPhysicalAddress().ToString());

        var other = MacAddress.Parse("02:00:00:00:00:01");
        tap.SetAddress(other);
        tap.SetMtu(65521);
        Assert.Equal((other, 65521, 65521), (tap.Address, tap.Mtu, Kernel.MtuOf("vpn0")));
        Assert.Equal("020000000001", Interface("vpn0").GetPhysicalAddress().ToString());
    });

    [Fact]
    public void Up_and_down_follow_the_call() => _host.Run(() =>
    {
        using var tap = LinuxTap.Open(new TapOptions { Name = "vpn0", Up = true });
        Assert.Equal((true, true), (tap.IsUp, Kernel.IsUp("vpn0")));
        tap.SetUp(false);
        Assert.Equal((false, false), (tap.IsUp, Kernel.IsUp("vpn0")));
        tap.SetUp(true);
        Assert.Equal((true, true), (tap.IsUp, Kernel.IsUp("vpn0")));
    });

    [Theory]
    [InlineData(null, false, false)]
    [InlineData(null, true, true)]
    [InlineData(false, true, false)]
    [InlineData(true, false, true)]
    public void Without_word_on_it_an_interface_with_an_address_comes_up(bool? up, bool address, bool expected) => _host.Run(() =>
    {
        using var tap = LinuxTap.Open(new TapOptions { Name = "vpn0", Up = up, IPAddresses = address ? [InterfaceAddress.Parse("10.9.0.1/24")] : [] });
        Assert.Equal(expected, Kernel.IsUp("vpn0"));
    });

    [Fact]
    public void IP_addresses_are_given_with_prefix_and_broadcast() => _host.Run(() =>
    {
        InterfaceAddress[] addresses = [InterfaceAddress.Parse("10.9.1.77/20"), InterfaceAddress.Parse("192.0.2.8/31"), InterfaceAddress.Parse("fd09::77/64")];
        using var tap = LinuxTap.Open(new TapOptions { Name = "vpn0", IPAddresses = addresses });
        tap.AddIPAddress(InterfaceAddress.Parse("198.51.100.1/32"));
        tap.AddIPAddress(InterfaceAddress.Parse("198.51.100.1/32"));

        var found = Interface("vpn0").GetIPProperties().UnicastAddresses
            .Where(a => !a.Address.IsIPv6LinkLocal).Select(a => $"{a.Address}/{a.PrefixLength}").Order(StringComparer.Ordinal);
        Assert.Equal(["10.9.1.77/20", "192.0.2.8/31", "198.51.100.1/32", "fd09::77/64"], found);
        Assert.Equal("10.9.15.255", Kernel.BroadcastOf("vpn0", "10.9.1.77"));
        Assert.Equal("0.0.0.0", Kernel.BroadcastOf("vpn0", "192.0.2.8"));
    });

    [Fact]
    public void An_IPv6_address_can_be_bound_to_at_once() => _host.Run(() =>
    {
        using var tap = LinuxTap.Open(new TapOptions { Name = "vpn0", IPAddresses = [InterfaceAddress.Parse("fd09::1/64")] });
        using Socket socket = new(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Parse("fd09::1"), 0));
        tap.AddIPAddress(InterfaceAddress.Parse("fd09::2/64"));
        using Socket second = new(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp);
        second.Bind(new IPEndPoint(IPAddress.Parse("fd09::2"), 0));
    });

    [Fact]
    public void A_tap_in_a_bridge_is_switched_by_the_kernel() => _host.Run(() =>
    {
        Links.AddBridge("br7");
        using (var first = LinuxTap.Open(new TapOptions { Name = "vpn0", Bridge = "br7" }))
        using (var second = LinuxTap.Open(new TapOptions { Name = "vpn1", Up = true }))
        {
            second.JoinBridge("br7");
            second.JoinBridge("br7");
            Assert.True(first.IsUp);
            var frame = Frames.Broadcast(1514);
            // A port forwards once the bridge has seen its carrier, a moment after it came up.
            Assert.True(SpinWait.SpinUntil(() => first.Write(frame) == TapStatus.Done && Arrives(second, frame), TimeSpan.FromSeconds(20)));
        }

        Assert.Contains("'br8'", Assert.Throws<TapException>(() => LinuxTap.Open(new TapOptions { Name = "vpn0", Bridge = "br8" })).Message);
        Assert.Contains("'lo' is not a bridge", Assert.Throws<TapException>(() => LinuxTap.Open(new TapOptions { Name = "vpn0", Bridge = "lo" })).Message);
        Assert.False(LinuxTap.Exists("vpn0"));
    });

    [Fact]
    public void A_persistent_tap_outlives_its_program_with_all_that_was_set() => _host.Run(() =>
    {
        var mac = MacAddress.Parse("02:12:34:56:78:9a");
        LinuxTap.Open(new TapOptions { Name = "vpn0", Persistent = true, Mtu = 1400, Address = mac, Up = true }).Dispose();
        Assert.True(LinuxTap.Exists("vpn0"));
        using (var tap = LinuxTap.Open(new TapOptions { Name = "vpn0" })) Assert.Equal((mac, 1400, true), (tap.Address, tap.Mtu, tap.IsUp));
        Assert.True(LinuxTap.Exists("vpn0"));
        LinuxTap.Open(new TapOptions { Name = "vpn0", Persistent = false }).Dispose();
        Assert.False(LinuxTap.Exists("vpn0"));
    });

    [Fact]
    public void Delete_removes_a_persistent_tap_and_says_why_it_cannot() => _host.Run(() =>
    {
        Assert.Contains("no interface 'vpn0'", Assert.Throws<TapException>(() => LinuxTap.Delete("vpn0")).Message);
        Assert.Contains("not a tap", Assert.Throws<TapException>(() => LinuxTap.Delete("lo")).Message);
        Assert.Contains("pattern", Assert.Throws<TapException>(() => LinuxTap.Delete("vpn%d")).Message);
        using (LinuxTap.Open(new TapOptions { Name = "vpn0", Persistent = true }))
            Assert.Contains("busy", Assert.Throws<TapException>(() => LinuxTap.Delete("vpn0")).Message);
        LinuxTap.Delete("vpn0");
        Assert.False(LinuxTap.Exists("vpn0"));
    });

    [Fact]
    public void A_tap_made_for_many_queues_is_attached_to_with_one() => _host.Run(() =>
    {
        Kernel.MakeMultiQueueTap("vpn0");
        using (var tap = LinuxTap.Open(new TapOptions { Name = "vpn0", Up = true }))
            Assert.Equal(TapStatus.Done, tap.Write(Frames.Broadcast(1514)));
        LinuxTap.Delete("vpn0");
        Assert.False(LinuxTap.Exists("vpn0"));
    });

    private static bool Arrives(LinuxTap tap, byte[] frame)
    {
        var buffer = new byte[EthernetFrame.MaxLength];
        while (tap.Read(buffer, out var length) == TapStatus.Done)
        {
            if (buffer.AsSpan(0, length).SequenceEqual(frame)) return true;
        }

        return false;
    }

    // Interfaces are listed for the calling thread's network namespace.
    private static NetworkInterface Interface(string name) => NetworkInterface.GetAllNetworkInterfaces().Single(i => i.Name == name);
}
