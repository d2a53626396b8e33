using System.Text;
using VpnWs.Tests.Framework;

namespace VpnWs.Tests;

/// <summary>What comes from the network with bad intent: its connection ends with the right answer, others notice nothing, memory stays.</summary>
public sealed class HostileInputTests(HostileInputTests.Scene scene) : IClassFixture<HostileInputTests.Scene>
{
    private const int MaxMessage = 65_549;
    private const int GrowthLimitKiB = 48 * 1024;
    private static readonly string Mine = EthernetFrames.Address(1);

    /// <summary>Each wrong frame and the close codes that may answer it (RFC 6455 section 7.4.1).</summary>
    private static readonly Dictionary<string, (byte[] Bytes, int Code)> WrongFrames = new()
    {
        ["reserved bit 1"] = (new RawFrame(RawFrame.Binary, Frame()) { ReservedBits = 4 }.ToBytes(), 1002),
        ["reserved bit 3"] = (new RawFrame(RawFrame.Binary, Frame()) { ReservedBits = 1 }.ToBytes(), 1002),
        ["unknown data opcode"] = (new RawFrame(3, Frame()).ToBytes(), 1002),
        ["unknown control opcode"] = (new RawFrame(11, []).ToBytes(), 1002),
        ["ping of 126 bytes"] = (new RawFrame(RawFrame.Ping, new byte[126]).ToBytes(), 1002),
        ["fragmented ping"] = (new RawFrame(RawFrame.Ping, []) { Final = false }.ToBytes(), 1002),
        ["length of 2^63"] = (new RawFrame(RawFrame.Binary, []) { ClaimedLength = 1UL << 63 }.ToBytes(), 1002),
        ["length of 2^62"] = (new RawFrame(RawFrame.Binary, []) { ClaimedLength = 1UL << 62 }.ToBytes(), 1009),
        ["unmasked frame"] = (new RawFrame(RawFrame.Binary, Frame()) { Masked = false }.ToBytes(), 1002),
        ["unmasked ping"] = (new RawFrame(RawFrame.Ping, []) { Masked = false }.ToBytes(), 1002),
        ["message over the limit"] = (new RawFrame(RawFrame.Binary, new byte[MaxMessage + 1]).ToBytes(), 1009),
        ["fragments over the limit"] = (FragmentsOverTheLimit(), 1009),
        ["text message"] = (new RawFrame(RawFrame.Text, "hello"u8.ToArray()).ToBytes(), 1003),
        ["continuation of nothing"] = (new RawFrame(0, Frame()).ToBytes(), 1002),
        ["message within a message"] = ([.. new RawFrame(RawFrame.Binary, Frame()) { Final = false }.ToBytes(), .. new RawFrame(RawFrame.Binary, Frame()).ToBytes()], 1002),
        ["wasteful length"] = ([0x82, 0xFE, 0, 20, 1, 2, 3, 4, .. new byte[20]], 1002),
        ["close of 1 byte"] = (new RawFrame(RawFrame.Close, [3]).ToBytes(), 1002),
        ["close with a forbidden code"] = (new RawFrame(RawFrame.Close, [0x03, 0xED]).ToBytes(), 1002),
        ["close with a reason that is no UTF-8"] = (new RawFrame(RawFrame.Close, [0x03, 0xE8, 0xFF, 0xFE]).ToBytes(), 1007),
    };

    /// <summary>Each wrong uwsgi packet: none of them gets any answer but the end.</summary>
    private static readonly Dictionary<string, byte[]> WrongPackets = new()
    {
        ["key beyond the packet"] = [0, 4, 0, 0, 0xFF, 0xFF, (byte)'A', (byte)'B'],
        ["value beyond the packet"] = [0, 8, 0, 0, 2, 0, (byte)'A', (byte)'B', 0xFF, 0x7F, 0, 0],
        ["value's length cut"] = [0, 5, 0, 0, 2, 0, (byte)'A', (byte)'B', 1],
        ["empty key"] = [0, 4, 0, 0, 0, 0, 0, 0],
        ["more than 16 KiB"] = [0, 0xFF, 0xFF, 0, .. new byte[32]],
        ["garbage"] = [.. Enumerable.Range(0, 4096).Select(i => (byte)((i * 167) + 13))],
        ["an HTTP request"] = RawWebSocket.HttpRequest(),
        ["no variables at all"] = [0, 0, 0, 0],
    };

    /// <summary>Each wrong request to an HTTP listener and what its answer begins with.</summary>
    private static readonly Dictionary<string, (byte[] Bytes, string Status)> WrongRequests = new()
    {
        ["garbage"] = ([.. Enumerable.Range(0, 4096).Select(i => (byte)((i * 167) + 128))], "400"),
        ["more than 16 KiB of head"] = (RawWebSocket.HttpRequest("X-Long: " + new string('x', 20_000)), "431"),
        ["head without end"] = (Encoding.ASCII.GetBytes("GET /vpn HTTP/1.1\r\n" + string.Concat(Enumerable.Repeat("X: y\r\n", 4000))), "431"),
        ["no upgrade"] = (Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: vpn.test\r\n\r\n"), "4"),
        ["POST"] = (Encoding.ASCII.GetBytes("POST /vpn HTTP/1.1\r\nHost: vpn.test\r\n\r\n"), "405"),
        ["unknown version"] = (RawWebSocket.HttpRequest("Sec-WebSocket-Version: 8"), "400"),
        ["key of 3 bytes"] = (Encoding.ASCII.GetBytes(Encoding.ASCII.GetString(RawWebSocket.HttpRequest()).Replace(RawWebSocket.Key, "AAAA", StringComparison.Ordinal)), "400"),
    };

    public static TheoryData<string> WrongFrameNames => [.. WrongFrames.Keys];

    public static TheoryData<string> WrongPacketNames => [.. WrongPackets.Keys];

    public static TheoryData<string> WrongRequestNames => [.. WrongRequests.Keys];

    [Theory]
    [MemberData(nameof(WrongFrameNames))]
    public void A_wrong_frame_is_answered_with_the_right_close_code(string name)
    {
        var lan = scene.Set();
        using var innocents = new PeerPair(lan.SocketPath);
        foreach (var peer in (RawWebSocket[])[RawWebSocket.Join(lan.SocketPath, Mine), RawWebSocket.Join(lan.Hub, Lan.HubAddress, Lan.HttpPort)])
        {
            using (peer)
            {
                peer.Send(WrongFrames[name].Bytes);
                peer.ExpectClose(WrongFrames[name].Code);
            }
        }

        innocents.Complete();
        lan.Control.WaitForPeers(2);
    }

    [Theory]
    [MemberData(nameof(WrongPacketNames))]
    public void A_wrong_uwsgi_packet_ends_its_connection(string name)
    {
        var lan = scene.Set();
        using var innocents = new PeerPair(lan.SocketPath);
        using var peer = RawWebSocket.Connect(lan.SocketPath);
        peer.Send(WrongPackets[name]);
        peer.ExpectEnd();
        innocents.Complete();
        lan.Control.WaitForPeers(2);
    }

    [Theory]
    [MemberData(nameof(WrongRequestNames))]
    public void A_wrong_request_is_answered_with_the_right_status(string name)
    {
        var lan = scene.Set();
        using var innocents = new PeerPair(lan.SocketPath);
        using var peer = RawWebSocket.Connect(lan.Hub, Lan.HubAddress, Lan.HttpPort);
        peer.Send(WrongRequests[name].Bytes);
        Assert.StartsWith($"HTTP/1.1 {WrongRequests[name].Status}", peer.ReadHead(), StringComparison.Ordinal);
        peer.ExpectEnd();
        innocents.Complete();
        lan.Control.WaitForPeers(2);
    }

    [Fact]
    public void A_peer_that_ignores_its_close_is_cut_off()
    {
        var lan = scene.Set();
        using var peer = RawWebSocket.Join(lan.SocketPath, Mine);
        peer.Send(new RawFrame(RawFrame.Text, []));
        peer.ExpectCloseCode(1003);
        peer.ExpectEnd();
        lan.Control.WaitForPeers(0);
    }

    [Fact]
    public void A_handshake_that_never_ends_is_ended()
    {
        using var lan = Lan.Start(new LanOptions { Clients = 0 });
        using var innocents = new PeerPair(lan.SocketPath);
        var request = RawWebSocket.HttpRequest();
        using var silent = RawWebSocket.Connect(lan.SocketPath);
        using var slow = RawWebSocket.Connect(lan.Hub, Lan.HubAddress, Lan.HttpPort);
        var sent = 0;
        // A byte now and then, so that it is the whole time that counts and not the pauses.
        Eventually.True(
            "both are ended",
            () =>
            {
                if (!HasData(slow) && sent < request.Length / 2) slow.Send([request[sent++]]);
                return HasData(slow) && HasData(silent);
            },
            TimeSpan.FromSeconds(13));
        silent.ExpectEnd();
        slow.ExpectEnd();
        innocents.Complete();
    }

    [Fact]
    public void A_message_as_large_as_the_limit_passes_whole()
    {
        using var lan = Lan.Start(new LanOptions { Clients = 0 });
        var theirs = EthernetFrames.Address(2);
        using var sender = RawWebSocket.Join(lan.SocketPath, Mine);
        using var receiver = RawWebSocket.Join(lan.SocketPath, theirs);
        lan.Control.WaitForPeers(2);
        var frame = EthernetFrames.Marked(theirs, Mine, 7, MaxMessage);
        sender.SendBinary(frame);
        Assert.Equal(frame, receiver.ReadNext(RawFrame.Binary).Payload);
    }

    [Fact]
    public void However_often_it_comes_memory_stays_and_the_innocent_notice_nothing()
    {
        using var lan = Lan.Start(new LanOptions { Clients = 2 });
        using var innocents = new PeerPair(lan.SocketPath);
        using var pinging = Ping.Start(lan.Clients[0].Machine, lan.Clients[1].Address, count: 300, interval: 0.02);
        SendEverythingWrong(lan, times: 10);
        var before = lan.Server.Vitals.ResidentKiB;
        SendEverythingWrong(lan, times: 40);
        Assert.InRange(lan.Server.Vitals.ResidentKiB - before, long.MinValue, GrowthLimitKiB);
        innocents.Complete();
        pinging.WaitForExit(TimeSpan.FromSeconds(30));
        Assert.Equal(0, Ping.Parse(pinging.Output).Lost);
        lan.Control.WaitForPeers(4);
        Assert.InRange(lan.Server.Vitals.Load(TimeSpan.FromSeconds(1)), 0, 0.2);
    }

    private static void SendEverythingWrong(Lan lan, int times)
    {
        for (var i = 0; i < times; i++)
        {
            foreach (var (bytes, code) in WrongFrames.Values)
            {
                using var peer = RawWebSocket.Join(lan.SocketPath, Mine);
                peer.Send(bytes);
                // Whoever behaves so does not wait for a proper end either.
                peer.ExpectCloseCode(code);
            }

            foreach (var packet in WrongPackets.Values)
            {
                using var peer = RawWebSocket.Connect(lan.SocketPath);
                peer.Send(packet);
                peer.ExpectEnd();
            }
        }
    }

    private static bool HasData(RawWebSocket peer) => peer.Socket.Poll(0, System.Net.Sockets.SelectMode.SelectRead);

    private static byte[] Frame() => EthernetFrames.Marked(EthernetFrames.Broadcast, Mine, 1);

    private static byte[] FragmentsOverTheLimit() =>
    [
        .. new RawFrame(RawFrame.Binary, new byte[40_000]) { Final = false }.ToBytes(),
        .. new RawFrame(0, new byte[40_000]).ToBytes(),
    ];

    /// <summary>One server for all that is tried only once, made when the first test needs it.</summary>
    public sealed class Scene : IDisposable
    {
        private Lan? _lan;

        public void Dispose() => _lan?.Dispose();

        /// <summary>The server once those of the test before have left.</summary>
        internal Lan Set()
        {
            _lan ??= Lan.Start(new LanOptions { Clients = 0 });
            _lan.Control.WaitForPeers(0);
            return _lan;
        }
    }
}
