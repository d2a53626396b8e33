using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using VpnWs.Tests.Framework;

namespace VpnWs.Tests;

/// <summary>Strangers who hold connections open, from one address and from many: who is there notices nothing, who comes gets in, all is given back.</summary>
public sealed class LimitTests
{
    private const int FromOne = 1500;
    private const int FromMany = 3000;
    private const int PerAddress = 100;

    [Fact]
    public void Thousands_of_slow_handshakes_keep_nobody_out_and_nobody_waiting()
    {
        using var lan = Lan.Start(new LanOptions { Clients = 2 });
        // Every address of this network is the hub's own, so that one program can come from many.
        lan.Hub.Ip("route add local 10.99.0.0/16 dev lo");
        using var innocents = new PeerPair(lan.SocketPath);
        using var pinging = Ping.Start(lan.Clients[0].Machine, lan.Clients[1].Address, count: 200, interval: 0.02);
        var before = lan.Server.Vitals.Descriptors;
        var newcomer = lan.AddMachine("newcomer", 50);

        var one = Slow(lan, FromOne, _ => "10.99.0.1");
        Assert.InRange(Newcomer(newcomer), 0, 1);
        Assert.InRange(lan.Server.Vitals.Descriptors - before, 0, 300);
        Assert.Contains("from 10.99.0.1: There are ", lan.Server.Output, StringComparison.Ordinal);

        var many = Slow(lan, FromMany, i => $"10.99.{1 + (i / PerAddress)}.1");
        Assert.InRange(Newcomer(newcomer), 0, 5);
        Assert.NotEmpty(ProcessUnderTest.Run(null, ProgramPair.Ours.Server, "--status", lan.SocketPath));

        foreach (var socket in one.Concat(many)) socket.Dispose();
        Eventually.True("their descriptors are given back", () => lan.Server.Vitals.Descriptors <= before + 5, TimeSpan.FromSeconds(15), () => $"{lan.Server.Vitals.Descriptors}");
        var trips = innocents.Complete();
        Assert.InRange(trips[trips.Count / 2], 0, 50);
        pinging.WaitForExit(TimeSpan.FromSeconds(30));
        Assert.Equal(0, Ping.Parse(pinging.Output).Lost);
    }

    /// <summary>Opens connections that begin a head and do not end it.</summary>
    private static List<Socket> Slow(Lan lan, int count, Func<int, string> from) => lan.Hub.Inside(() =>
    {
        var sockets = new List<Socket>();
        var target = new IPEndPoint(IPAddress.Parse(Lan.HubAddress), Lan.HttpPort);
        for (var i = 0; i < count; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            sockets.Add(socket);
            socket.Bind(new IPEndPoint(IPAddress.Parse(from(i)), 0));
            try
            {
                socket.Connect(target);
                socket.Send("GET /vpn HT"u8);
            }
            catch (SocketException)
            {
                // Turned away already.
            }
        }

        return sockets;
    });

    /// <summary>How many seconds it takes somebody new to get in, who tries again as a client does.</summary>
    private static double Newcomer(NetworkNamespace machine)
    {
        var watch = Stopwatch.StartNew();
        Eventually.True("somebody new gets in", () =>
        {
            using var peer = RawWebSocket.Connect(machine, Lan.HubAddress, Lan.HttpPort);
            try
            {
                peer.Send(RawWebSocket.HttpRequest());
                peer.ExpectUpgrade();
                return true;
            }
            catch (Exception e) when (e is SocketException or Xunit.Sdk.XunitException)
            {
                return false;
            }
        });
        return watch.Elapsed.TotalSeconds;
    }
}
