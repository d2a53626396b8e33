using System.Runtime.Versioning;
using VpnWs.Ethernet;
using VpnWs.Taps;

namespace VpnWs.Tests.Taps;

[SupportedOSPlatform("linux")]
public sealed class LinuxTapErrorTests : IDisposable
{
    private const uint Anybody = 0x1b6;
    private const uint RootOnly = 0x180;
    private const uint Alice = 54321;
    private const uint Mallory = 54322;

    private readonly NamespaceThread _host = new();

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData("lo", "'lo' exists and is not a tap")]
    [InlineData("all", "refuses the interface name 'all'")]
    [InlineData("sixteen_bytes_16", "too long")]
    [InlineData("a/b", "'/'")]
    public void A_name_that_will_not_do_is_refused(string name, string reason) =>
        AssertRefused(new TapOptions { Name = name }, reason);

    [Fact]
    public void A_tap_in_use_is_busy() => _host.Run(() =>
    {
        using var tap = LinuxTap.Open(new TapOptions { Name = "vpn0" });
        Assert.Contains("'vpn0' is busy", Assert.Throws<TapException>(() => LinuxTap.Open(new TapOptions { Name = "vpn0" })).Message);
        Assert.Equal(1500, tap.Mtu);
    });

    [Theory]
    [InlineData(67)]
    [InlineData(65522)]
    [InlineData(-1)]
    public void An_MTU_that_the_kernel_refuses_leaves_no_interface(int mtu) =>
        AssertRefused(new TapOptions { Name = "vpn0", Mtu = mtu }, $"MTU of the tap 'vpn0' cannot be {mtu}: mtu ");

    [Theory]
    [InlineData("01:00:5e:00:00:01")]
    [InlineData("00:00:00:00:00:00")]
    [InlineData("ff:ff:ff:ff:ff:ff")]
    public void An_address_that_is_no_stations_leaves_no_interface(string mac) =>
        AssertRefused(new TapOptions { Name = "vpn0", Address = MacAddress.Parse(mac) }, mac);

    [Theory]
    [InlineData("10.9.0.1", 33)]
    [InlineData("10.9.0.1", -1)]
    [InlineData("fd09::1", 129)]
    [InlineData("ff02::1", 64)]
    public void An_IP_address_that_will_not_do_leaves_no_interface(string address, int prefix) => AssertRefused(
        new TapOptions { Name = "vpn0", Persistent = true, IPAddresses = [new InterfaceAddress(System.Net.IPAddress.Parse(address), prefix)] },
        $"{address}/{prefix} cannot be given to the tap 'vpn0'");

    [Fact]
    public void An_unknown_owner_is_named() =>
        AssertRefused(new TapOptions { Name = "vpn0", Owner = "no-such-user" }, "no user 'no-such-user'");

    [Fact]
    public void A_failure_while_setting_up_an_existing_tap_undoes_what_was_done() => _host.Run(() =>
    {
        LinuxTap.Open(new TapOptions { Name = "vpn0", Persistent = true }).Dispose();
        MacAddress before;
        using (var tap = LinuxTap.Open(new TapOptions { Name = "vpn0" })) before = tap.Address;
        TapOptions options = new()
        {
            Name = "vpn0",
            Persistent = false,
            Mtu = 1400,
            Address = MacAddress.Parse("02:00:00:00:00:01"),
            IPAddresses = [InterfaceAddress.Parse("10.9.0.1/24"), new InterfaceAddress(System.Net.IPAddress.Loopback, 33)],
        };
        Assert.Throws<TapException>(() => LinuxTap.Open(options));
        using (var tap = LinuxTap.Open(new TapOptions { Name = "vpn0" })) Assert.Equal((before, 1500, false), (tap.Address, tap.Mtu, tap.IsUp));
        Assert.DoesNotContain("10.9.0", File.ReadAllText("/proc/thread-self/net/fib_trie"));
        LinuxTap.Delete("vpn0");
    });

    [Fact]
    public void Without_the_device_the_error_says_how_to_get_it()
    {
        _host.ReplaceDevice(mode: null);
        AssertRefused(new TapOptions { Name = "vpn0" }, "modprobe tun");
    }

    [Fact]
    public void Without_access_to_the_device_the_error_says_how_to_get_it()
    {
        _host.ReplaceDevice(RootOnly);
        _host.BecomeUser(Alice);
        AssertRefused(new TapOptions { Name = "vpn0" }, "/dev/net/tun may not be opened");
    }

    [Fact]
    public void Without_rights_the_error_names_the_ways_out()
    {
        _host.ReplaceDevice(Anybody);
        _host.BecomeUser(Alice);
        AssertRefused(new TapOptions { Name = "vpn%d" }, "root", "CAP_NET_ADMIN", "ip tuntap add dev vpn0 mode tap user ");
    }

    [Fact]
    public void An_owner_without_rights_attaches_where_all_is_as_asked()
    {
        TapOptions options = new()
        {
            Name = "vpn0",
            Mtu = 1400,
            Address = MacAddress.Parse("02:00:00:00:00:01"),
            Up = true,
            IPAddresses = [InterfaceAddress.Parse("10.9.0.1/24"), InterfaceAddress.Parse("fd09::1/64")],
        };
        _host.Run(() => LinuxTap.Open(options with { Persistent = true, Owner = $"{Alice}" }).Dispose());
        using (NamespaceThread user = new(_host))
        {
            user.ReplaceDevice(Anybody);
            user.BecomeUser(Alice);
            user.Run(() =>
            {
                using (var tap = LinuxTap.Open(options with { Persistent = true, Owner = $"{Alice}" }))
                {
                    Assert.Equal(TapStatus.Done, tap.Write(Frames.Broadcast(60)));
                    tap.SetAddress(MacAddress.Parse("02:00:00:00:00:02"));
                    Assert.Contains("ip link set dev vpn0 mtu 1300", Assert.Throws<TapException>(() => tap.SetMtu(1300)).Message);
                    Assert.Contains("ip link set dev vpn0 down", Assert.Throws<TapException>(() => tap.SetUp(false)).Message);
                    var address = InterfaceAddress.Parse("10.9.0.2/24");
                    Assert.Contains("ip address add 10.9.0.2/24 dev vpn0", Assert.Throws<TapException>(() => tap.AddIPAddress(address)).Message);
                }

                Assert.Contains("CAP_NET_ADMIN", Assert.Throws<TapException>(() => LinuxTap.Open(options with { Mtu = 1300 })).Message);
                LinuxTap.Open(options with { Offload = true, Address = null }).Dispose();
            });
        }

        _host.Run(() => LinuxTap.Delete("vpn0"));
    }

    [Theory]
    [InlineData("54321")]
    [InlineData("root")]
    [InlineData(null)]
    public void A_tap_of_somebody_else_may_not_be_used(string? owner)
    {
        _host.Run(() => LinuxTap.Open(new TapOptions { Name = "vpn0", Persistent = true, Owner = owner }).Dispose());
        using (NamespaceThread user = new(_host))
        {
            user.ReplaceDevice(Anybody);
            user.BecomeUser(Mallory);
            user.Run(() =>
            {
                var message = Assert.Throws<TapException>(() => LinuxTap.Open(new TapOptions { Name = "vpn0" })).Message;
                Assert.Contains("'vpn0' may not be used by this user", message);
                Assert.Contains("CAP_NET_ADMIN", message);
                Assert.Contains("may not be used", Assert.Throws<TapException>(() => LinuxTap.Delete("vpn0")).Message);
            });
        }

        _host.Run(() => LinuxTap.Delete("vpn0"));
    }

    private void AssertRefused(TapOptions options, params string[] words) => _host.Run(() =>
    {
        var message = Assert.Throws<TapException>(() => LinuxTap.Open(options)).Message;
        Assert.All(words, word => Assert.Contains(word, message));
        Assert.DoesNotContain('\n', message);
        Assert.False(LinuxTap.Exists("vpn0"));
    });
}
