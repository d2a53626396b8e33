using System.Net;
using FsCheck;
using FsCheck.Fluent;
using VpnWs.Switching;
using VpnWs.Switching.Guards;
using static VpnWs.Tests.Switching.Guards.Packets;

namespace VpnWs.Tests.Switching.Guards;

/// <summary>What guards let pass, and what they do not: every packet plain, behind tags and in SNAP, whole and cut at every byte.</summary>
public sealed class PacketGuardTests
{
    private const ushort V4 = 0x0800;
    private const ushort V6 = 0x86dd;
    private const ushort ArpType = 0x0806;
    private const byte Icmp = 1;
    private const byte UdpNumber = 17;
    private const byte Icmp6 = 58;
    private const string Router = "fe80::1";
    private static readonly Config Fixed = Config.QuickThrowOnFailure.WithReplay(7113, 17);

    private static readonly SourceAddresses Mine = new([IPNetwork.Parse("10.0.0.7/32"), IPNetwork.Parse("10.1.0.0/16"), IPNetwork.Parse("fd00::7/128")]);
    private static readonly PacketGuard Dhcp = new(true, false, null);
    private static readonly PacketGuard Routers = new(false, true, null);
    private static readonly PacketGuard Sources = new(false, false, Mine);
    private static readonly PacketGuard All = new(true, true, Mine);

    private static readonly byte[] Advertisement = Neighbor(134, null, [1, 1, 2, 0, 0, 0, 0, 1], new byte[] { 3, 4 }.Concat(new byte[30]).ToArray());

    public static TheoryData<string, DropReason> Answers => new()
    {
        // A server's answers, to clients and to relays, and what clients themselves say.
        { "v4 67>68", DropReason.DhcpGuarded }, { "v4 67>67", DropReason.DhcpGuarded }, { "v4 4011>68", DropReason.DhcpGuarded }, { "v4 68>67", DropReason.None },
        { "v4 6700>6800", DropReason.None }, { "v6 547>546", DropReason.DhcpGuarded }, { "v6 1000>546", DropReason.DhcpGuarded }, { "v6 546>547", DropReason.None },
        { "v6 68>67", DropReason.None }, { "v4 546>547", DropReason.None },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public void Only_a_server_answers_DHCP_and_no_tag_or_header_hides_it(string message, DropReason expected)
    {
        var ports = message[3..].Split('>').Select(int.Parse).ToArray();
        var udp = Udp(ports[0], ports[1]);
        IEnumerable<byte[]> packets = message[1] == '4'
            ? [IPv4("10.0.0.1", UdpNumber, udp), IPv4("10.0.0.1", UdpNumber, udp, options: 4), IPv4("10.0.0.1", UdpNumber, udp, options: 40), IPv4("10.0.0.1", UdpNumber, udp, fragment: 0x2000), IPv4("10.0.0.1", UdpNumber, udp, fragment: 0x4000)]
            : [.. new[] { "", "0", "60:3", "43", "0 60 43 60", "44:whole", "44:first", "51", "135", "139 140", "0:30 60:30" }.Select(chain => IPv6("fe80::1", UdpNumber, udp, chain))];
        foreach (var packet in packets) Expect(Dhcp, message[1] == '4' ? V4 : V6, packet, expected);
    }

    [Theory]
    [InlineData(134, "")]
    [InlineData(137, "")]
    [InlineData(134, "0")]
    [InlineData(134, "60")]
    [InlineData(134, "0 43 60:2 51 135 139 140")]
    [InlineData(134, "44:first")]
    [InlineData(134, "44:whole")]
    [InlineData(134, "60:20 44:first 60:5")]
    [InlineData(134, "60:120 60:120")]
    public void Only_a_router_advertises_behind_whatever_headers(byte type, string extensions) =>
        Expect(Routers, V6, IPv6(Router, Icmp6, [type, .. Advertisement[1..]], extensions), DropReason.RouterGuarded);

    [Theory]
    [InlineData("2001:db8::1", 255, 134, "", DropReason.None)]
    [InlineData(Router, 64, 134, "", DropReason.None)]
    [InlineData(Router, 255, 133, "", DropReason.None)]
    [InlineData(Router, 255, 136, "", DropReason.None)]
    [InlineData("febf::1", 255, 134, "", DropReason.RouterGuarded)]
    [InlineData("fec0::1", 255, 134, "", DropReason.None)]
    [InlineData(Router, 255, 134, "44:later", DropReason.None)]
    [InlineData(Router, 255, 134, "60 60 60 60 60 60 60 60 60 60 60 60 60 60 60 60", DropReason.RouterGuarded)]
    [InlineData(Router, 255, 134, "60 60 60 60 60 60 60 60 60 60 60 60 60 60 60 60 60", DropReason.Unreadable)]
    [InlineData("2001:db8::1", 255, 134, "60 60 60 60 60 60 60 60 60 60 60 60 60 60 60 60 60", DropReason.None)]
    public void Router_guard_keeps_to_RFC_7113(string source, byte hopLimit, byte type, string extensions, DropReason expected) =>
        Expect(Routers, V6, IPv6(source, Icmp6, [type, .. Advertisement[1..]], extensions, hopLimit), expected);

    [Fact]
    public void A_first_fragment_without_all_headers_does_not_pass()
    {
        // The chain goes on in the next fragment; bytes behind the length that the packet claims are not of it.
        var packet = IPv6(Router, Icmp6, Advertisement, "44:first 60:3");
        for (var end = 48; end < 40 + 8 + 32 + 1; end++)
        {
            Expect(Routers, V6, packet[..end], DropReason.Unreadable, "cut");
            Expect(Routers, V6, IPv6(Router, Icmp6, Advertisement, "44:first 60:3", length: end - 40), DropReason.Unreadable, "claims");
            Expect(All, V6, packet[..end], DropReason.Unreadable, "cut");
        }
    }

    [Theory]
    [InlineData(0x3d)]
    [InlineData(200)]
    [InlineData(253)]
    [InlineData(255)]
    public void Behind_a_header_of_unknown_kind_anything_could_be(byte protocol)
    {
        Expect(Routers, V6, IPv6(Router, protocol, Advertisement), DropReason.Unreadable);
        Expect(Dhcp, V6, IPv6("2001:db8::1", protocol, Advertisement), DropReason.Unreadable);
        Expect(Routers, V6, IPv6("2001:db8::1", protocol, Advertisement), DropReason.None);
    }

    [Theory]
    [InlineData(5, DropReason.RouterGuarded)]
    [InlineData(9, DropReason.RouterGuarded)]
    [InlineData(8, DropReason.None)]
    public void IPv4_has_routers_too(byte type, DropReason expected)
    {
        Expect(Routers, V4, IPv4("10.0.0.1", Icmp, [type, 0, 0, 0, 0, 0, 0, 0], options: 8), expected);
        Expect(Routers, V4, IPv4("10.0.0.1", Icmp, [type, 0, 0, 0, 0, 0, 0, 0], fragment: 1), DropReason.None);
        Expect(Routers, V4, IPv4("10.0.0.1", UdpNumber, [type, 0]), DropReason.None);
    }

    [Theory]
    [InlineData("10.0.0.7", DropReason.None)]
    [InlineData("10.1.255.255", DropReason.None)]
    [InlineData("10.0.0.8", DropReason.AddressSpoofed)]
    [InlineData("10.2.0.0", DropReason.AddressSpoofed)]
    [InlineData("0.0.0.0", DropReason.AddressSpoofed)]
    public void Only_own_IPv4_addresses_are_sent_from(string source, DropReason expected)
    {
        Expect(Sources, V4, IPv4(source, 6, new byte[20]), expected);
        Expect(Sources, V4, IPv4(source, 6, new byte[20], options: 12), expected);
        Expect(Sources, V4, IPv4(source, 6, new byte[20], fragment: 0x2001), expected);
        Expect(Sources, V4, IPv4(source, 6, [], fragment: 100), expected);
        Expect(Sources, ArpType, Arp(Own, source), expected);
        Expect(Sources, ArpType, Arp(Own, source, "10.0.0.7"), source == "0.0.0.0" ? DropReason.None : expected);
        Expect(Sources, ArpType, Arp(Other, source), DropReason.AddressSpoofed);
    }

    [Fact]
    public void A_station_without_an_address_may_ask_for_one()
    {
        Expect(All, V4, IPv4("0.0.0.0", UdpNumber, Udp(68, 67)), DropReason.None);
        Expect(All, V4, IPv4("0.0.0.0", UdpNumber, Udp(68, 68)), DropReason.DhcpGuarded);
        Expect(All, V6, IPv6("::", Icmp6, Neighbor(135, OwnLinkLocal)), DropReason.None);
        Expect(All, V6, IPv6("::", Icmp6, Neighbor(135, "fd00::7")), DropReason.None);
        Expect(All, V6, IPv6("::", Icmp6, Neighbor(135, "fd00::8")), DropReason.AddressSpoofed);
        Expect(All, V6, IPv6("::", Icmp6, Neighbor(133, null)), DropReason.None);
        Expect(All, V6, IPv6("::", Icmp6, [143, 0, 0, 0, 0, 0, 0, 0], "0"), DropReason.None);
        Expect(All, V6, IPv6("::", Icmp6, [128, 0, 0, 0, 0, 0, 0, 0]), DropReason.AddressSpoofed);
        Expect(All, V6, IPv6("::", UdpNumber, Udp(546, 547)), DropReason.AddressSpoofed);
    }

    [Theory]
    [InlineData("fd00::7", DropReason.None)]
    [InlineData(OwnLinkLocal, DropReason.None)]
    [InlineData("fe80::1", DropReason.AddressSpoofed)]
    [InlineData("fe80::ff:fe00:b", DropReason.AddressSpoofed)]
    [InlineData("fd00::8", DropReason.AddressSpoofed)]
    public void Only_own_IPv6_addresses_are_sent_from_and_advertised(string address, DropReason expected)
    {
        Expect(Sources, V6, IPv6(address, 6, new byte[20]), expected);
        Expect(Sources, V6, IPv6(address, 6, new byte[20], "0 43 60"), expected);
        Expect(Sources, V6, IPv6(address, 6, new byte[20], "44:later"), expected);
        Expect(Sources, V6, IPv6(address, Icmp6, [128, 0, 0, 0, 0, 0, 0, 0]), expected);
        Expect(Sources, V6, IPv6("fd00::7", Icmp6, Neighbor(136, address)), expected);
        Expect(Sources, V6, IPv6("fd00::7", Icmp6, Neighbor(136, address, LinkLayer(2, Own))), expected);
        Expect(Sources, V6, IPv6(address, Icmp6, Neighbor(135, "fd00::99", LinkLayer(1, Own))), expected);
    }

    [Fact]
    public void Neighbor_Discovery_names_no_other_station_and_comes_in_one_piece()
    {
        Expect(Sources, V6, IPv6("fd00::7", Icmp6, Neighbor(136, "fd00::7", LinkLayer(2, Other))), DropReason.AddressSpoofed);
        Expect(Sources, V6, IPv6("fd00::7", Icmp6, Neighbor(136, "fd00::7", LinkLayer(2, Own), LinkLayer(2, Other))), DropReason.AddressSpoofed);
        Expect(Sources, V6, IPv6("fd00::7", Icmp6, Neighbor(136, "fd00::7", [14, 2, .. new byte[14]], LinkLayer(2, Other))), DropReason.AddressSpoofed);
        Expect(Sources, V6, IPv6("fd00::7", Icmp6, Neighbor(135, "fd00::9", LinkLayer(1, Other))), DropReason.AddressSpoofed);
        Expect(Sources, V6, IPv6("fd00::7", Icmp6, Neighbor(133, null, LinkLayer(1, Other))), DropReason.AddressSpoofed);
        Expect(Sources, V6, IPv6("fd00::7", Icmp6, Neighbor(136, "fd00::7", [9, 0, 0, 0, 0, 0, 0, 0])), DropReason.AddressSpoofed);
        Expect(Sources, V6, IPv6("fd00::7", Icmp6, Neighbor(136, "fd00::7", [9, 2, 0, 0, 0, 0, 0, 0])), DropReason.Unreadable);
        Expect(Sources, V6, IPv6("fd00::7", Icmp6, Neighbor(136, "fd00::7"), "44:first"), DropReason.Unreadable);
        Expect(Sources, V6, IPv6("fd00::7", Icmp6, Neighbor(136, "fd00::7"), "44:whole"), DropReason.Unreadable);
    }

    [Fact]
    public void ARP_of_another_kind_is_not_understood_and_other_protocols_are_nobodys_business()
    {
        var strange = Arp(Own, "10.0.0.7");
        strange[5] = 16;
        Expect(Sources, ArpType, strange, DropReason.Unreadable);
        Expect(Dhcp, ArpType, strange, DropReason.None);
        Expect(All, 0x88b5, new byte[46], DropReason.None);
        Expect(All, V4, [0x45, .. new byte[30]], DropReason.Unreadable);
        Expect(All, V4, [0x65, .. new byte[30]], DropReason.Unreadable);
        Expect(All, V6, [0x40, .. new byte[60]], DropReason.Unreadable);
    }

    [Fact]
    public void Nobody_probes_for_the_address_of_another_who_would_then_not_take_it()
    {
        Expect(Sources, ArpType, Arp(Own, "0.0.0.0", "10.0.0.7"), DropReason.None);
        Expect(Sources, ArpType, Arp(Own, "0.0.0.0", "10.0.0.8"), DropReason.AddressSpoofed);
        Expect(Sources, ArpType, Arp(Other, "0.0.0.0", "10.0.0.7"), DropReason.AddressSpoofed);
    }

    [Theory]
    [InlineData("0006 0001af 818000", DropReason.None)]
    [InlineData("0003 4242 03", DropReason.None)]
    [InlineData("0003 aaaa 03", DropReason.Unreadable)]
    [InlineData("0003 aa", DropReason.Unreadable)]
    [InlineData("0006 aaaa 03 00000c", DropReason.None)]
    public void A_short_frame_of_LLC_is_read_where_it_can_be_nothing_else(string payload, DropReason expected)
    {
        byte[] frame = [.. Frame(0, [])[..12], .. Convert.FromHexString(payload.Replace(" ", "", StringComparison.Ordinal))];
        Assert.Equal(expected, Inspect(Dhcp, frame));
        Assert.True(Consistent(Dhcp, frame));
    }

    [Fact]
    public void Too_many_layers_hide_nothing()
    {
        foreach (var layer in new[] { "vlan", "vlan0", "service", "snap", "tunnel" })
        {
            var layers = Enumerable.Repeat(layer, 5).ToArray();
            Assert.Equal(DropReason.Unreadable, Inspect(Dhcp, Frame(V4, IPv4("10.0.0.1", UdpNumber, Udp(67, 68)), layers)));
        }
    }

    [Fact]
    public void Whatever_the_bytes_nothing_is_thrown_and_a_whole_frame_is_always_decided_on()
    {
        byte[][] seeds =
        [
            Frame(V4, IPv4("10.0.0.7", UdpNumber, Udp(68, 67), options: 8), "vlan", "snap"), Frame(V6, IPv6("fd00::7", Icmp6, Neighbor(136, "fd00::7", LinkLayer(2, Own)), "0 60 43 51")),
            Frame(V6, IPv6(Router, Icmp6, Advertisement, "44:first 60:2"), "service", "vlan0"), Frame(ArpType, Arp(Own, "10.0.0.7"), "vlan"),
        ];
        var frames =
            from seed in Gen.Elements(seeds)
            from changes in Gen.ListOf(Gen.Zip(Gen.Choose(12, 120), Gen.Choose(0, 255)))
            from length in Gen.Choose(0, 130)
            select Mutated(seed, changes, length);
        Check.One(Fixed.WithMaxTest(3000), Prop.ForAll(Arb.From(frames), frame =>
            new[] { Dhcp, Routers, Sources, All }.All(guard => guard.TryInspect(frame, isWhole: true, out _) && Consistent(guard, frame))));
    }

    // What is decided on the first bytes of a frame is what is decided on all of them.
    private static bool Consistent(PacketGuard guard, byte[] frame)
    {
        guard.TryInspect(frame, isWhole: true, out var whole);
        for (var known = 14; known < frame.Length; known++)
        {
            if (guard.TryInspect(frame.AsSpan(0, known), isWhole: false, out var early) && early != whole) return false;
        }

        return true;
    }

    private static byte[] Mutated(byte[] seed, IEnumerable<(int At, int Value)> changes, int length)
    {
        byte[] frame = [.. seed];
        foreach (var (at, value) in changes) frame[at % frame.Length] = (byte)value;
        return frame[..Math.Min(frame.Length, Math.Max(14, length))];
    }

    private static void Expect(PacketGuard guard, ushort type, byte[] packet, DropReason expected, string? because = null)
    {
        foreach (var layers in new string[][] { [], ["vlan"], ["service", "vlan"], ["vlan0", "vlan0"], ["snap"], ["vlan", "tunnel"] })
        {
            var frame = Frame(type, packet, layers);
            var found = Inspect(guard, frame);
            Assert.True(expected == found, $"{found} in place of {expected} behind [{string.Join(' ', layers)}] {because}: {Convert.ToHexString(frame)}");
            Assert.True(Consistent(guard, frame), $"Differs with what is known of it, behind [{string.Join(' ', layers)}] {because}: {Convert.ToHexString(frame)}");
            NothingThrown(guard, frame);
        }
    }

    private static void NothingThrown(PacketGuard guard, byte[] frame)
    {
        for (var length = 0; length < frame.Length; length++) Assert.True(guard.TryInspect(frame.AsSpan(0, length), isWhole: true, out _));
    }

    private static DropReason Inspect(PacketGuard guard, byte[] frame)
    {
        Assert.True(guard.TryInspect(frame, isWhole: true, out var reason));
        return reason;
    }
}
