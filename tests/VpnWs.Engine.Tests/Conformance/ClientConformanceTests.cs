using VpnWs.Client;
using VpnWs.Tests.Client;
using VpnWs.Tests.Transport;

namespace VpnWs.Tests.Conformance;

/// <summary>Every case by a misbehaving server against our client, which then connects again.</summary>
[Collection(InProcess.Name)]
public sealed class ClientConformanceTests
{
    public static TheoryData<string> Names => [.. Cases.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Of_a_client(string name)
    {
        var mac = Ether.Mac(1);
        var script = new Script(masked: false, mac, Ether.Mac(9));
        Cases.All[name](script);
        await using var server = new FakeServer();
        var station = server.Keep(await Station.Start(server.Uri, mac));
        using var peer = await server.Welcome();
        await Judge.Play(script, peer, station.Tap);
        if (script.Code is null) return;
        await station.Events.WaitFor<Disconnected>();
        Assert.False(station.Client.IsConnected);
    }
}
