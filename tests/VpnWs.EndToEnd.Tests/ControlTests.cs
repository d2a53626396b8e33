using System.Text;
using System.Text.Json;
using VpnWs.Tests.Framework;

namespace VpnWs.Tests;

/// <summary>The JSON control interface: there for the trusted, and for nobody else.</summary>
public sealed class ControlTests
{
    [Fact]
    public void It_shows_every_peer_with_the_keys_that_scripts_know()
    {
        using var lan = Lan.Start();
        var (head, body) = lan.Control.Ask("");
        Assert.StartsWith("HTTP/1.0 200 OK", head, StringComparison.Ordinal);
        Assert.Contains("Content-Type: application/json", head, StringComparison.Ordinal);
        Assert.Contains("no-cache", head, StringComparison.Ordinal);
        Assert.Equal("ok", body.GetProperty("status").GetString());
        foreach (var client in lan.Clients)
        {
            var peer = lan.Control.PeerWith(client.MacAddress);
            string[] keys = ["id", "MAC", "REMOTE_ADDR", "REMOTE_USER", "DN", "ts", "bridge", "macs", "unix", "tx", "rx"];
            Assert.Empty(keys.Except(peer.Json.EnumerateObject().Select(property => property.Name)));
            Assert.StartsWith("10.77.0.", peer.RemoteAddress, StringComparison.Ordinal);
            var age = DateTimeOffset.UtcNow - DateTimeOffset.FromUnixTimeSeconds(peer.Json.GetProperty("unix").GetInt64());
            Assert.InRange(age, TimeSpan.FromSeconds(-2), TimeSpan.FromSeconds(60));
        }
    }

    [Theory]
    [InlineData(Way.Direct)]
    [InlineData(Way.Nginx)]
    public void A_peer_that_is_killed_by_hand_is_gone_and_its_client_comes_back(Way way)
    {
        using var lan = Lan.Start(new LanOptions { Way = way });
        var address = lan.Clients[0].MacAddress;
        var id = lan.Control.PeerWith(address).Id;
        var (head, body) = lan.Control.Ask($"kill={id}");
        Assert.Contains(" 200 ", head, StringComparison.Ordinal);
        Assert.Equal("ok", body.GetProperty("status").GetString());
        Eventually.True("the client is back under another id", () => IdOf(lan, address) is { } now && now != id, TimeSpan.FromSeconds(40));
        Ping.WaitUntilReaches(lan.Clients[1].Machine, lan.Clients[0].Address);
    }

    [Fact]
    public void A_peer_that_is_killed_through_nginx_is_gone()
    {
        using var lan = Lan.Start(new LanOptions { Way = Way.Nginx, Clients = 0 });
        using var peer = RawWebSocket.Join(lan.SocketPath, EthernetFrames.Address(1));
        lan.Control.WaitForPeers(1);
        var shown = new ControlPeer(Assert.Single(AskNginx(lan, "").GetProperty("peers").EnumerateArray()));
        Assert.Equal("ok", AskNginx(lan, $"?kill={shown.Id}").GetProperty("status").GetString());
        peer.ExpectEnd();
        lan.Control.WaitForPeers(0);
    }

    [Theory]
    [InlineData("kill=999999")]
    [InlineData("kill=0")]
    [InlineData("kill=-1")]
    [InlineData("kill=abc")]
    public void A_peer_that_does_not_exist_is_not_found(string query)
    {
        using var lan = Lan.Start(new LanOptions { Clients = 0 });
        using var peer = RawWebSocket.Join(lan.SocketPath, EthernetFrames.Address(1));
        lan.Control.WaitForPeers(1);
        var (head, body) = lan.Control.Ask(query);
        Assert.Contains(" 404 ", head, StringComparison.Ordinal);
        Assert.Equal("not found", body.GetProperty("status").GetString());
        Assert.Equal(1, lan.Control.CountPeers());
    }

    [Fact]
    public void An_HTTP_listener_shows_no_control_interface_and_speaks_no_uwsgi()
    {
        using var lan = Lan.Start(new LanOptions { Clients = 1 });
        using var plain = RawWebSocket.Connect(lan.Hub, Lan.HubAddress, Lan.HttpPort);
        plain.Send(Encoding.ASCII.GetBytes("GET /?kill=1 HTTP/1.1\r\nHost: vpn.test\r\n\r\n"));
        Assert.StartsWith("HTTP/1.1 4", plain.ReadHead(), StringComparison.Ordinal);

        using var uwsgi = RawWebSocket.Connect(lan.Hub, Lan.HubAddress, Lan.HttpPort);
        uwsgi.Send(UwsgiPacket.Build(1, ("QUERY_STRING", "")));
        Assert.StartsWith("HTTP/1.1 400", uwsgi.ReadHead(), StringComparison.Ordinal);
        Assert.Equal(1, lan.Control.CountPeers());
    }

    [Fact]
    public void A_uwsgi_packet_with_another_modifier_is_refused()
    {
        using var lan = Lan.Start(new LanOptions { Clients = 0 });
        using var peer = RawWebSocket.Connect(lan.SocketPath);
        peer.Send(UwsgiPacket.Build(2, RawWebSocket.UwsgiVariables()));
        peer.ExpectEnd();
        Assert.Equal(0, lan.Control.CountPeers());
    }

    private static long? IdOf(Lan lan, string macAddress) =>
        lan.Control.Peers.FirstOrDefault(peer => peer.MacAddress.Equals(macAddress, StringComparison.OrdinalIgnoreCase))?.Id;

    private static JsonElement AskNginx(Lan lan, string query)
    {
        using var connection = RawWebSocket.Connect(lan.Hub, Lan.HubAddress, 80);
        connection.Send(Encoding.ASCII.GetBytes($"GET /vpn_admin{query} HTTP/1.0\r\n\r\n"));
        using var stream = new System.Net.Sockets.NetworkStream(connection.Socket);
        using var reader = new StreamReader(stream);
        return ControlInterface.Split(reader.ReadToEnd()).Body;
    }
}
