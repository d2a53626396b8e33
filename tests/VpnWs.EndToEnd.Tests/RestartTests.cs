using VpnWs.Tests.Framework;

namespace VpnWs.Tests;

/// <summary>What survives the death of the server.</summary>
public sealed class RestartTests
{
    private const long Bytes = 200_000_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    [Theory]
    [InlineData(Way.Direct)]
    [InlineData(Way.Nginx)]
    public void After_the_servers_death_clients_come_back_by_themselves_and_a_transfer_resumes(Way way)
    {
        using var lan = Lan.Start(new LanOptions { Way = way, Mtu = 1400 });
        var (one, other) = (lan.Clients[0], lan.Clients[1]);
        Ping.WaitUntilReaches(one.Machine, other.Address);
        using var transfer = Transfer.Start(one.Machine, other.Machine, other.Address, Bytes, Patience);
        Eventually.True("the transfer is under way", () => transfer.BytesReceived > Bytes / 100);

        lan.Server.Signal(UnixSignal.Kill);
        lan.Server.WaitForExit();
        var before = transfer.BytesReceived;
        Assert.True(before < Bytes, "The transfer was over before the server died.");
        lan.RestartServer();

        lan.WaitUntilJoined(Patience);
        transfer.Complete();
    }

    [Fact]
    public void A_client_keeps_its_tap_while_there_is_no_server()
    {
        using var lan = Lan.Start(new LanOptions { Clients = 1 });
        var client = lan.Clients[0];
        var address = client.MacAddress;
        lan.Server.Signal(UnixSignal.Kill);
        lan.Server.WaitForExit();
        Eventually.Holds("the tap is there", TimeSpan.FromSeconds(1), () => client.Machine.HasLink(Lan.TapName) && !client.Process.HasExited);
        Assert.Equal(address, client.MacAddress);
        lan.RestartServer();
        lan.WaitUntilJoined(Patience);
    }
}
