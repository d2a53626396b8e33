using VpnWs.Tests.Framework;

namespace VpnWs.Tests;

/// <summary>The C programs with ours, either side replaced.</summary>
public sealed class ClassicInteropTests
{
    /// <summary>The C client cuts larger frames than its own MTU of 1,500 bytes with the Ethernet header in it.</summary>
    private const int Mtu = 1400;

    private const long Bytes = 50_000_000;

    [Theory]
    [InlineData(Way.Direct)]
    [InlineData(Way.DirectTls)]
    [InlineData(Way.Nginx)]
    [InlineData(Way.NginxPassword)]
    [InlineData(Way.NginxCertificate)]
    public void C_clients_meet_on_our_server(Way way)
    {
        using var lan = Lan.Start(new LanOptions { Way = way, Mtu = Mtu, ClientsOf = ProgramPair.Classic, ServerTap = true });
        AssertConnected(lan);
        Ping.WaitUntilReaches(lan.Clients[0].Machine, Lan.ServerTapAddress);
    }

    [Theory]
    [InlineData(Way.Nginx)]
    [InlineData(Way.NginxPassword)]
    [InlineData(Way.NginxCertificate)]
    public void Our_clients_meet_on_the_C_server(Way way)
    {
        using var lan = Lan.Start(new LanOptions { Way = way, Server = ProgramPair.Classic, ServerTap = true });
        AssertConnected(lan);
        Ping.WaitUntilReaches(lan.Clients[0].Machine, Lan.ServerTapAddress);
    }

    [Theory]
    [InlineData(Way.Direct)]
    [InlineData(Way.Nginx)]
    public void A_C_client_and_ours_meet_on_our_server(Way way)
    {
        using var lan = Lan.Start(new LanOptions { Way = way, Mtu = Mtu, Clients = 1 });
        lan.Join(new LanClientOptions { Of = ProgramPair.Classic });
        lan.WaitUntilJoined();
        AssertConnected(lan);
    }

    [Fact]
    public void A_C_client_and_ours_meet_on_the_C_server()
    {
        using var lan = Lan.Start(new LanOptions { Way = Way.Nginx, Mtu = Mtu, Clients = 1, Server = ProgramPair.Classic });
        lan.Join(new LanClientOptions { Of = ProgramPair.Classic });
        lan.WaitUntilJoined();
        AssertConnected(lan);
    }

    [Fact]
    public void A_C_client_comes_back_to_our_server_after_its_death()
    {
        using var lan = Lan.Start(new LanOptions { Mtu = Mtu, ClientsOf = ProgramPair.Classic });
        lan.Server.Signal(UnixSignal.Kill);
        lan.Server.WaitForExit();
        lan.RestartServer();
        lan.WaitUntilJoined(TimeSpan.FromSeconds(30));
        AssertConnected(lan);
    }

    [Fact]
    public void A_C_client_that_only_sends_its_unmasked_pings_is_kept_and_our_pings_do_not_upset_it()
    {
        using var lan = Lan.Start(new LanOptions { Mtu = Mtu, ClientsOf = ProgramPair.Classic, ServerOptions = ["--ping-interval", "2", "--ping-timeout", "20"] });
        var ids = lan.Control.PeerIds;
        // The C client pings after 17 s of silence.
        foreach (var client in lan.Clients) client.Machine.Ip($"link set {Lan.TapName} arp off multicast off");
        Eventually.Holds("both are joined", TimeSpan.FromSeconds(20), () => lan.Control.PeerIds.SequenceEqual(ids));
    }

    private static void AssertConnected(Lan lan)
    {
        var (one, other) = (lan.Clients[0], lan.Clients[1]);
        Ping.WaitUntilReaches(one.Machine, other.Address);
        Assert.Equal(0, Ping.Send(one.Machine, other.Address, count: 20).Lost);
        Assert.Equal(0, Ping.Send(other.Machine, one.AddressV6, count: 20).Lost);
        Transfer.Check(one.Machine, other.Machine, other.Address, Bytes);
        Transfer.Check(other.Machine, one.Machine, one.AddressV6, Bytes);
    }
}
