using VpnWs.Ethernet;
using VpnWs.Http;
using VpnWs.Server;
using VpnWs.Switching;
using VpnWs.Tests.Transport;
using VpnWs.WebSockets;

namespace VpnWs.Tests.Server;

/// <summary>Peers of a server whose connections are the test.</summary>
internal static class FakePeers
{
    /// <summary>The peers of a server without listeners, numbered from 1 on.</summary>
    public static PeerTable NewTable(VpnWsServerOptions options)
    {
        var ids = 0;
        return new PeerTable(options, new VirtualSwitch(new SwitchOptions(), new SwitchReporter(_ => { })), new RuleBook(options), () => ++ids, _ => { });
    }

    /// <summary>Serves a peer whose handshake over HTTP was accepted.</summary>
    public static Task Serve(this PeerTable peers, FakeChannel channel, MacAddress mac, string? protocol = null)
    {
        Assert.True(peers.TryReserve());
        var verdict = new HandshakeVerdict.Accepted { Accept = "x", Mac = mac, Protocol = protocol };
        return peers.ServeAsync(channel, new HandshakeRequest { Version = "13" }, verdict, HandshakeSource.Http, "", []);
    }
}
