using VpnWs.Ethernet;
using VpnWs.Tests.Transport;

namespace VpnWs.Tests.Conformance;

/// <summary>Every case against the running server, over HTTP and over uwsgi.</summary>
[Collection(InProcess.Name)]
public sealed class ServerConformanceTests(ServerConformanceTests.Site site) : IClassFixture<ServerConformanceTests.Site>
{
    private static readonly MacAddress TapMac = Ether.Mac(0xfe);
    private static readonly MacAddress PeerMac = Ether.Mac(1);

    public static TheoryData<string> Names => [.. Cases.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public Task Over_HTTP(string name) => Play(name, overUwsgi: false);

    [Theory]
    [MemberData(nameof(Names))]
    public Task Over_uwsgi(string name) => Play(name, overUwsgi: true);

    private async Task Play(string name, bool overUwsgi)
    {
        var script = new Script(masked: true, TapMac, PeerMac);
        Cases.All[name](script);
        await Eventually.True("the one of the case before has left", () => site.Lan.Server.PeerCount == 0);
        using var peer = await RawPeer.Connect(overUwsgi ? site.Lan.Uwsgi : site.Lan.Http);
        await peer.Send(overUwsgi ? RawPeer.UwsgiHead(PeerMac) : RawPeer.HttpHead(PeerMac));
        await peer.ExpectUpgrade();
        await Judge.Play(script, peer, site.Lan.Tap);
    }

    /// <summary>One server for all cases.</summary>
    public sealed class Site : IAsyncLifetime
    {
        internal InProcessLan Lan { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Lan = await InProcessLan.Start(tap: TapMac);

        public ValueTask DisposeAsync() => Lan.DisposeAsync();
    }
}
