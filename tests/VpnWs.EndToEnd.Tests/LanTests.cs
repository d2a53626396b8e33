using VpnWs.Tests.Framework;

namespace VpnWs.Tests;

/// <summary>A LAN on every way in: the main job.</summary>
public sealed class LanTests
{
    private const long Bytes = 200_000_000;

    [Theory]
    [InlineData(Way.Direct)]
    [InlineData(Way.DirectTls)]
    [InlineData(Way.Nginx)]
    [InlineData(Way.NginxPassword)]
    [InlineData(Way.NginxCertificate)]
    public void Two_clients_ping_each_other_over_IPv4_and_IPv6(Way way)
    {
        using var lan = Lan.Start(new LanOptions { Way = way });
        var (one, other) = (lan.Clients[0], lan.Clients[1]);
        Ping.WaitUntilReaches(one.Machine, other.Address);
        Ping.WaitUntilReaches(other.Machine, one.AddressV6);
        Assert.Equal(0, Ping.Send(one.Machine, other.Address, count: 20).Lost);
        Assert.Equal(0, Ping.Send(other.Machine, one.AddressV6, count: 20).Lost);
        Assert.All(lan.Control.Peers, peer => Assert.Equal(OffloadSwitch.IsOn && !ProgramPair.Ours.IsClassic, peer.HasOffload));
    }

    [Theory]
    [InlineData(Way.Direct)]
    [InlineData(Way.DirectTls)]
    [InlineData(Way.Nginx)]
    [InlineData(Way.NginxPassword)]
    [InlineData(Way.NginxCertificate)]
    public void Two_hundred_megabytes_arrive_with_the_same_checksum(Way way)
    {
        using var lan = Lan.Start(new LanOptions { Way = way });
        Ping.WaitUntilReaches(lan.Clients[0].Machine, lan.Clients[1].Address);
        Transfer.Check(lan.Clients[0].Machine, lan.Clients[1].Machine, lan.Clients[1].Address, Bytes);
    }

    [Theory]
    [InlineData(Way.Direct, 1500)]
    [InlineData(Way.Direct, 9000)]
    [InlineData(Way.DirectTls, 9000)]
    [InlineData(Way.NginxPassword, 9000)]
    public void Packets_as_large_as_the_MTU_pass_uncut(Way way, int mtu)
    {
        const int headersV4 = 28;
        const int headersV6 = 48;
        using var lan = Lan.Start(new LanOptions { Way = way, Mtu = mtu });
        var (one, other) = (lan.Clients[0], lan.Clients[1]);
        Ping.WaitUntilReaches(one.Machine, other.Address);
        Assert.Equal(0, Ping.Send(one.Machine, other.Address, payload: mtu - headersV4).Lost);
        Assert.Equal(0, Ping.Send(one.Machine, other.AddressV6, payload: mtu - headersV6).Lost);
        Transfer.Check(one.Machine, other.Machine, other.AddressV6, Bytes / 10);
    }

    [Fact]
    public void The_servers_own_tap_is_on_the_LAN()
    {
        using var lan = Lan.Start(new LanOptions { ServerTap = true });
        Ping.WaitUntilReaches(lan.Clients[0].Machine, Lan.ServerTapAddress);
        Assert.Equal(0, Ping.Send(lan.Clients[0].Machine, Lan.ServerTapAddress, count: 20).Lost);
        Transfer.Check(lan.Clients[0].Machine, lan.Hub, Lan.ServerTapAddress, Bytes / 10);
        Transfer.Check(lan.Hub, lan.Clients[1].Machine, lan.Clients[1].Address, Bytes / 10);
    }

    [Fact]
    public void A_VLAN_tag_passes_intact()
    {
        using var lan = Lan.Start(new LanOptions { Clients = 0 });
        var (mine, theirs) = (EthernetFrames.Address(1), EthernetFrames.Address(2));
        using var sender = RawWebSocket.Join(lan.SocketPath, mine);
        using var receiver = RawWebSocket.Join(lan.SocketPath, theirs);
        lan.Control.WaitForPeers(2);
        var tagged = EthernetFrames.Build(theirs, mine, [0x20, 0x07, 0x08, 0x00, .. new byte[46]], type: 0x8100);
        sender.SendBinary(tagged);
        Assert.Equal(tagged, receiver.ReadNext(RawFrame.Binary).Payload);
    }
}
