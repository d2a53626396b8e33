using System.Net;
using System.Net.Sockets;
using VpnWs.Client;
using VpnWs.Ethernet;
using VpnWs.Server;
using VpnWs.Switching;
using VpnWs.Taps;
using VpnWs.Tests.WebSockets;
using VpnWs.Transport;
using VpnWs.WebSockets;

namespace VpnWs.Tests.Transport;

/// <summary>A server in this process with an HTTP listener on the loopback interface, a uwsgi socket in a folder of its own and, where asked, a tap.</summary>
internal sealed class InProcessLan : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vpn-ws-test-");
    private readonly List<IAsyncDisposable> _members = [];

    private InProcessLan()
    {
        SocketPath = Path.Combine(_folder.FullName, "s");
    }

    public VpnWsServer Server { get; private set; } = null!;

    public EventLog<ServerEvent> Events { get; } = new();

    /// <summary>The far end of the server's tap.</summary>
    public TapEnd Tap { get; private set; } = null!;

    public string SocketPath { get; }

    public IPEndPoint Http => (IPEndPoint)Server.HttpEndPoints[0];

    public EndPoint Uwsgi => new UnixDomainSocketEndPoint(SocketPath);

    public Uri Uri => new($"{(Server.Options.HttpTls is null ? "ws" : "wss")}://127.0.0.1:{Http.Port}/vpn");

    /// <summary>Starts a server.</summary>
    /// <param name="with">Changes its options.</param>
    /// <param name="tap">The address of its tap; null for none.</param>
    /// <param name="offloadTap">Whether the tap has offload.</param>
    public static async Task<InProcessLan> Start(Func<VpnWsServerOptions, VpnWsServerOptions>? with = null, MacAddress? tap = null, bool offloadTap = false)
    {
        var lan = new InProcessLan();
        var options = new VpnWsServerOptions
        {
            HttpAddresses = [ListenAddress.Parse("127.0.0.1:0")],
            UwsgiAddresses = [ListenAddress.Parse(lan.SocketPath)],
            Offload = OffloadSwitch.IsOn,
        };
        if (tap is { } address)
        {
            var (near, far) = LoopbackTap.CreatePair(addressA: address, offload: offloadTap, capacityFrames: 1 << 16);
            lan.Tap = new TapEnd(far);
            options = options with { ExistingTap = near };
        }

        lan.Server = new VpnWsServer(with?.Invoke(options) ?? options);
        lan.Server.EventRaised += lan.Events.Add;
        await lan.Server.StartAsync();
        return lan;
    }

    /// <summary>Joins a station and waits until it is a port of the switch.</summary>
    public async Task<Station> Join(MacAddress mac, Func<VpnWsClientOptions, VpnWsClientOptions>? with = null, bool offloadTap = false)
    {
        var before = Events.All<PeerJoined>().Count;
        var station = await Station.Start(Uri, mac, with, offloadTap);
        _members.Add(station);
        await Events.WaitFor<PeerJoined>(number: before + 1);
        await station.Events.WaitFor<Connected>();
        return station;
    }

    /// <summary>Joins a hand-made peer over HTTP and waits until it is a port of the switch.</summary>
    public async Task<RawPeer> JoinRaw(MacAddress? mac = null, params string[] headers) => await JoinRaw(Http, RawPeer.HttpHead(mac, headers));

    /// <summary>Joins a hand-made peer over uwsgi, as this user.</summary>
    public async Task<RawPeer> JoinUser(string user, MacAddress? mac = null) =>
        await JoinRaw(Uwsgi, RawPeer.UwsgiHead(mac, new KeyValuePair<string, string>("REMOTE_USER", user)));

    /// <summary>Joins a hand-made peer with such a head.</summary>
    public async Task<RawPeer> JoinRaw(EndPoint where, byte[] head, int? receiveBuffer = null)
    {
        var before = Events.All<PeerJoined>().Count;
        var peer = await Connect(where, receiveBuffer);
        await peer.Send(head);
        await peer.ExpectUpgrade();
        peer.Id = (await Events.WaitFor<PeerJoined>(number: before + 1)).Peer.Id;
        return peer;
    }

    /// <summary>Joins a peer for which the kernel keeps little while nobody reads.</summary>
    public async Task<RawPeer> JoinDeaf(MacAddress mac) => await JoinRaw(Http, RawPeer.HttpHead(mac), receiveBuffer: 16 * 1024);

    /// <summary>Joins a peer that does not read, and another who sends to it until its outbox is full.</summary>
    public async Task<(RawPeer Stalled, RawPeer Flooder)> JoinStalled(MacAddress stalledMac, MacAddress flooderMac)
    {
        var (stalled, flooder) = (await JoinDeaf(stalledMac), await JoinRaw(flooderMac));
        var flood = Enumerable.Repeat(Wire.Masked(Opcode.Binary, Ether.Frame(stalledMac, flooderMac, 1400)), 100).SelectMany(message => message).ToArray();
        for (var round = 0; Drops(DropReason.OutboxFull, stalled.Id) == 0; round++)
        {
            Assert.True(round < 10_000, "Nothing is ever dropped.");
            await flooder.Send(flood);
        }

        return (stalled, flooder);
    }

    /// <summary>A connection with nothing said yet, which ends with the LAN.</summary>
    public async Task<RawPeer> Connect(EndPoint where, int? receiveBuffer = null)
    {
        var peer = await RawPeer.Connect(where, receiveBuffer);
        _members.Add(new Closer(peer));
        return peer;
    }

    /// <summary>What the server tells of a peer, or of its tap where no id is given.</summary>
    public PeerInfo Info(long? id = null) => Server.GetPeers().Single(peer => id is null ? peer.IsTap : peer.Id == id);

    public PeerInfo Info(MacAddress mac) => Server.GetPeers().Single(peer => peer.Mac == mac);

    /// <summary>How many frames were dropped at a peer, or at the tap, for a reason.</summary>
    public long Drops(DropReason reason, long? id = null) => Info(id).Drops.GetValueOrDefault(DropReasonNames.Of(reason));

    /// <summary>Waits until that many frames were dropped.</summary>
    public Task ExpectDrops(long count, DropReason reason, long? id = null) =>
        Eventually.True($"{count} frames dropped as {reason}", () => Drops(reason, id) == count);

    public async ValueTask DisposeAsync()
    {
        foreach (var member in _members) await member.DisposeAsync();
        await Server.DisposeAsync();
        Tap?.Dispose();
        _folder.Delete(recursive: true);
    }

    private sealed class Closer(IDisposable closed) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            closed.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
