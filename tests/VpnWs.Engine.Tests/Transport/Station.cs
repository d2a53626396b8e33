using VpnWs.Client;
using VpnWs.Ethernet;
using VpnWs.Taps;

namespace VpnWs.Tests.Transport;

/// <summary>A host with a tap and a client: the test holds the far end of the tap.</summary>
internal sealed class Station : IAsyncDisposable
{
    private Station(VpnWsClient client, TapEnd tap, MacAddress mac)
    {
        Client = client;
        Tap = tap;
        Mac = mac;
        Client.EventRaised += Events.Add;
    }

    public VpnWsClient Client { get; }

    public TapEnd Tap { get; }

    public MacAddress Mac { get; }

    public EventLog<ClientEvent> Events { get; } = new();

    /// <summary>Options as tests want them: nothing from the environment but <see cref="OffloadSwitch"/>.</summary>
    public static VpnWsClientOptions Options(Uri uri, ITap tap) => new()
    {
        Uri = uri,
        ExistingTap = tap,
        Proxy = new System.Net.WebProxy(),
        Offload = OffloadSwitch.IsOn,
    };

    /// <summary>Makes a station and starts its client.</summary>
    public static async Task<Station> Start(Uri uri, MacAddress mac, Func<VpnWsClientOptions, VpnWsClientOptions>? with = null, bool offloadTap = false)
    {
        var (near, far) = LoopbackTap.CreatePair(addressA: mac, offload: offloadTap, capacityFrames: 1 << 16);
        var options = Options(uri, near);
        var station = new Station(new VpnWsClient(with?.Invoke(options) ?? options), new TapEnd(far), mac);
        await station.Client.StartAsync();
        return station;
    }

    public void Send(MacAddress to, int length = 60, int seed = 1) => Tap.Send(Ether.Frame(to, Mac, length, seed));

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        Tap.Dispose();
    }
}
