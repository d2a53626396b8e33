using System.Globalization;
using VpnWs.Tests.Framework;

namespace VpnWs.Tests;

/// <summary>What the world does to the programs, and what they promise then.</summary>
public sealed class FaultTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    private const int Few = 3;

    /// <summary>How often the server dies: VPNWS_RESTARTS, or a few times.</summary>
    private static int Restarts => int.TryParse(Environment.GetEnvironmentVariable("VPNWS_RESTARTS"), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : Few;

    [Fact]
    public void However_often_the_server_is_killed_under_traffic_the_clients_come_back_and_do_not_grow()
    {
        using var lan = Lan.Start(new LanOptions { Mtu = 1400 });
        var (one, other) = (lan.Clients[0], lan.Clients[1]);
        Ping.WaitUntilReaches(one.Machine, other.Address);
        using var flood = one.Machine.Start("ping", "-n", "-q", "-i", "0.002", "-s", "1300", other.Address);
        var (descriptors, memory) = (0, 0L);
        for (var i = 0; i < Restarts; i++)
        {
            lan.Server.Signal(UnixSignal.Kill);
            lan.Server.WaitForExit();
            lan.RestartServer();
            lan.WaitUntilJoined(Patience);
            // A link that is lost within its first five seconds is no real one, and makes the client wait longer each time.
            if (Restarts > Few) Eventually.Holds("the links hold", TimeSpan.FromSeconds(6), () => !one.Process.HasExited && !other.Process.HasExited);
            if (i == 0) (descriptors, memory) = (one.Process.Vitals.Descriptors, one.Process.Vitals.ResidentKiB);
        }

        Ping.WaitUntilReaches(one.Machine, other.Address);
        Assert.InRange(one.Process.Vitals.Descriptors, 1, descriptors + 8);
        Assert.InRange(one.Process.Vitals.ResidentKiB, 1, memory + (32 * 1024));
    }

    [Fact]
    public void A_server_whose_log_has_no_room_left_serves_on()
    {
        Requires.Root();
        using var scratch = new Scratch();
        var socket = scratch.PathOf("vpn.sock");
        using var server = ProcessUnderTest.Start(null, "sh", "-c", "exec \"$0\" \"$@\" >/dev/full 2>/dev/full", ProgramPair.Ours.Server, "--verbose", socket);
        new ControlInterface(socket).WaitForPeers(0);
        using (var innocents = new PeerPair(socket))
        {
            for (var i = 0; i < 20; i++)
            {
                using var passing = RawWebSocket.Join(socket, EthernetFrames.Address(i));
                using var hostile = RawWebSocket.Connect(socket);
                hostile.Send(new byte[] { 9, 9, 9, 9 });
                hostile.ExpectEnd();
            }

            innocents.Complete();
        }

        new ControlInterface(socket).WaitForPeers(0);
        Assert.False(server.HasExited);
        server.Signal(UnixSignal.Terminate);
        Assert.Equal(0, server.WaitForExit());
    }
}
