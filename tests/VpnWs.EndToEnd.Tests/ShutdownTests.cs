using VpnWs.Tests.Framework;

namespace VpnWs.Tests;

/// <summary>Ends that were asked for.</summary>
public sealed class ShutdownTests
{
    private const int GoingAway = 1001;

    [Theory]
    [InlineData("Terminate")]
    [InlineData("Interrupt")]
    public void A_signal_ends_the_server_cleanly(string signal)
    {
        using var lan = Lan.Start(new LanOptions { Clients = 0, ServerTap = true });
        using var overUwsgi = RawWebSocket.Join(lan.SocketPath, EthernetFrames.Address(1));
        using var overHttp = RawWebSocket.Join(lan.Hub, Lan.HubAddress, Lan.HttpPort);
        lan.Control.WaitForPeers(2);
        lan.Server.Signal(Enum.Parse<UnixSignal>(signal));
        overUwsgi.ExpectClose(GoingAway);
        overHttp.ExpectClose(GoingAway);
        Assert.Equal(0, lan.Server.WaitForExit());
        Assert.False(File.Exists(lan.SocketPath));
        Assert.False(lan.Hub.HasLink(Lan.TapName));
    }

    [Fact]
    public void A_peer_that_does_not_answer_holds_up_no_ending()
    {
        using var lan = Lan.Start();
        lan.Clients[0].Process.Signal(UnixSignal.Stop);
        lan.Server.Signal(UnixSignal.Terminate);
        Assert.Equal(0, lan.Server.WaitForExit(TimeSpan.FromSeconds(8)));
    }

    [Theory]
    [InlineData("Terminate")]
    [InlineData("Interrupt")]
    public void A_signal_ends_the_client_cleanly(string signal)
    {
        using var lan = Lan.Start(new LanOptions { Clients = 1 });
        var client = lan.Clients[0];
        client.Process.Signal(Enum.Parse<UnixSignal>(signal));
        Assert.Equal(0, client.Process.WaitForExit());
        Assert.False(client.Machine.HasLink(Lan.TapName));
        lan.Control.WaitForPeers(0);
    }

    [Fact]
    public void A_client_without_a_server_ends_at_once_when_told()
    {
        using var lan = Lan.Start(new LanOptions { Clients = 0 });
        var client = lan.Join(new LanClientOptions { Url = $"ws://{Lan.HubAddress}:9/vpn" });
        client.Process.WaitForOutput("cannot connect");
        client.Process.Signal(UnixSignal.Terminate);
        Assert.Equal(0, client.Process.WaitForExit(TimeSpan.FromSeconds(5)));
    }
}
