using System.Diagnostics;
using System.Net.Sockets;
using VpnWs.Tests.Framework;

namespace VpnWs.Tests;

/// <summary>The known defects of the C program, release 0.2, each shown absent in ours. Pointed at the C programs, these tests fail.</summary>
public sealed class ClassicDefectsTests
{
    private const byte Mark = 1;
    private const byte EndMark = 2;
    private static readonly string First = EthernetFrames.Address(1);
    private static readonly string Second = EthernetFrames.Address(2);
    private static readonly string Third = EthernetFrames.Address(3);

    [Fact]
    public void Defect_01_the_client_cuts_full_size_frames_so_that_transfers_stall()
    {
        using var lan = Lan.Start();
        var (one, other) = (lan.Clients[0], lan.Clients[1]);
        Ping.WaitUntilReaches(one.Machine, other.Address);
        Assert.Equal(0, Ping.Send(one.Machine, other.Address, payload: 1500 - 28).Lost);
        Transfer.Check(one.Machine, other.Machine, other.Address, 20_000_000);
    }

    [Fact]
    public void Defect_02_back_pressure_makes_the_server_spin_hold_bytes_back_grow_and_delay_others()
    {
        const long growthLimitKiB = 48 * 1024;
        using var lan = Lan.Start(new LanOptions { Clients = 0 });
        using var innocents = new PeerPair(lan.SocketPath);
        using var flooder = RawWebSocket.Join(lan.SocketPath, First);
        using var sleeper = RawWebSocket.Join(lan.SocketPath, Second);
        lan.Control.WaitForPeers(4);
        var before = lan.Server.Vitals.ResidentKiB;

        var batch = Enumerable.Repeat(new RawFrame(RawFrame.Binary, EthernetFrames.Marked(Second, First, Mark, 1400)).ToBytes(), 50).SelectMany(bytes => bytes).ToArray();
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < TimeSpan.FromSeconds(4);) flooder.Send(batch);

        Assert.InRange(lan.Server.Vitals.PeakResidentKiB - before, long.MinValue, growthLimitKiB);
        var roundTrips = innocents.Complete();
        Assert.InRange(roundTrips[(int)(roundTrips.Count * 0.99)], 0, 150);
        Eventually.True("the server rests", () => lan.Server.Vitals.Load(TimeSpan.FromSeconds(1)) < 0.1);

        // What was queued arrives once the sleeper wakes, without another frame to push it; what did not fit is gone.
        sleeper.Socket.ReceiveTimeout = 1000;
        var received = 0;
        try
        {
            while (sleeper.ReadNext(RawFrame.Binary).Payload.Length == 1400) received++;
        }
        catch (System.Net.Sockets.SocketException)
        {
            // Nothing more comes.
        }

        Assert.NotEqual(0, received);
        flooder.SendBinary(EthernetFrames.Marked(Second, First, EndMark));
        Assert.Equal(EndMark, sleeper.ReadNext(RawFrame.Binary).Payload[^1]);
    }

    [Fact]
    public void Defect_03_a_frame_over_64_KiB_hangs_the_server_and_any_length_is_believed()
    {
        using var lan = Lan.Start(new LanOptions { Clients = 0 });
        using var innocents = new PeerPair(lan.SocketPath);
        using var large = RawWebSocket.Join(lan.SocketPath, First);
        large.Send(new RawFrame(RawFrame.Binary, new byte[70_000]));
        large.ExpectClose(1009);

        var before = lan.Server.Vitals.ResidentKiB;
        using var liar = RawWebSocket.Join(lan.SocketPath, First);
        liar.Send(new RawFrame(RawFrame.Binary, []) { ClaimedLength = 1UL << 40 });
        liar.ExpectClose(1009);
        Assert.InRange(lan.Server.Vitals.ResidentKiB - before, long.MinValue, 16 * 1024);
        innocents.Complete();
    }

    [Fact]
    public void Defect_04_the_control_interface_overflows_with_many_peers()
    {
        const int count = 1000;
        using var lan = Lan.Start(new LanOptions { Clients = 0 });
        using var peers = new Disposables();
        for (var i = 0; i < count; i++) peers.Add(RawWebSocket.Join(lan.SocketPath, EthernetFrames.Address(i), ("REMOTE_USER", $"user \"{i}\"\t\\")));
        lan.Control.WaitForPeers(count);
        Assert.Contains(lan.Control.Peers, peer => peer.RemoteUser == "user \"999\"\t\\");
        Assert.Equal(count, lan.Control.Peers.Select(peer => peer.Id).Distinct().Count());
    }

    [Fact]
    public void Defect_04_kill_reads_out_of_bounds_and_wraps_around()
    {
        using var lan = Lan.Start(new LanOptions { Clients = 0 });
        using var peer = RawWebSocket.Join(lan.SocketPath, First);
        lan.Control.WaitForPeers(1);
        var id = lan.Control.Peers[0].Id;
        foreach (var wrong in (string[])[$"{id + (1L << 32)}", $"{id}x", "2147483647", "18446744073709551616", new string('9', 300), ""])
        {
            lan.Control.Ask($"kill={wrong}");
            Assert.Equal(id, Assert.Single(lan.Control.Peers).Id);
        }
    }

    [Fact]
    public void Defect_04_more_than_64_uwsgi_variables_close_the_connection()
    {
        using var lan = Lan.Start(new LanOptions { Clients = 0 });
        using var peer = RawWebSocket.Join(lan.SocketPath, First, Enumerable.Range(0, 100).Select(i => ($"HTTP_X_{i}", "some value")));
        lan.Control.WaitForPeers(1);
    }

    [Fact]
    public void Defect_05_a_second_peer_takes_the_address_of_a_live_one()
    {
        using var lan = Lan.Start(new LanOptions { Clients = 0 });
        using var holder = RawWebSocket.Join(lan.SocketPath, First);
        using var receiver = RawWebSocket.Join(lan.SocketPath, Third);
        lan.Control.WaitForPeers(2);
        using var thief = RawWebSocket.Join(lan.SocketPath, First);
        lan.Control.WaitForPeers(3);
        Use(thief, First, Third);
        holder.ReadNext(RawFrame.Ping);
        // Longer than a holder has to answer: it did, so the address stays with it.
        Eventually.Holds("the thief is not served", TimeSpan.FromSeconds(4), () => { Use(thief, First, Third); return true; });
        holder.SendBinary(EthernetFrames.Marked(Third, First, EndMark));
        Assert.False(receiver.ReceivesBefore(Mark, EndMark));
        receiver.SendBinary(EthernetFrames.Marked(First, Third, Mark));
        Assert.Equal(Mark, holder.ReadNext(RawFrame.Binary).Payload[^1]);
    }

    [Fact]
    public void Defect_05_one_peer_claims_any_number_of_addresses()
    {
        const int limitOfBridge = 1024;
        using var lan = Lan.Start(new LanOptions { Clients = 0 });
        using var single = RawWebSocket.Join(lan.SocketPath, First);
        using var bridge = RawWebSocket.Join(lan.SocketPath, Second, ("HTTP_X_VPN_WS_BRIDGE", "on"));
        lan.Control.WaitForPeers(2);
        for (var i = 0x1000; i < 0x1000 + (2 * limitOfBridge); i++)
        {
            Use(single, EthernetFrames.Address(i), Third, awaitPong: false);
            Use(bridge, EthernetFrames.Address(i + 0x4000), Third, awaitPong: false);
        }

        Use(single, First, Third);
        Use(bridge, Second, Third);
        Assert.InRange(Addresses(lan, First), 0, 1);
        Assert.InRange(Addresses(lan, Second), limitOfBridge / 2, limitOfBridge);
    }

    [Fact]
    public void Defect_05_any_client_declares_itself_a_bridge()
    {
        using var lan = Lan.Start(new LanOptions { Clients = 0 });
        using var stranger = RawWebSocket.Join(lan.Hub, Lan.HubAddress, Lan.HttpPort, $"X-vpn-ws-MAC: {First}", "X-vpn-ws-bridge: on");
        lan.Control.WaitForPeers(1);
        Assert.Contains("X-vpn-ws-bridge: off", stranger.Head, StringComparison.OrdinalIgnoreCase);
        Assert.False(lan.Control.Peers[0].IsBridge);
    }

    [Fact]
    public void Defect_05_a_learned_address_stays_for_ever()
    {
        using var lan = Lan.Start(new LanOptions { Clients = 0, ServerOptions = ["--ageing", "2"] });
        using var bridge = RawWebSocket.Join(lan.SocketPath, First, ("HTTP_X_VPN_WS_BRIDGE", "on"));
        lan.Control.WaitForPeers(1);
        Use(bridge, Third, Second);
        Assert.Equal(1, Addresses(lan, First));
        Eventually.Equal("the address is forgotten", 0, () => Addresses(lan, First));
    }

    [Fact]
    public void Defect_06_the_last_of_a_thousand_peers_is_slower_to_find_than_the_first()
    {
        const int count = 1000;
        using var lan = Lan.Start(new LanOptions { Clients = 0 });
        using var peers = new Disposables();
        using var sender = RawWebSocket.Join(lan.SocketPath, EthernetFrames.Address(0xFFFF));
        var all = Enumerable.Range(0, count).Select(i => peers.Add(RawWebSocket.Join(lan.SocketPath, EthernetFrames.Address(i)))).ToList();
        lan.Control.WaitForPeers(count + 1);
        MeasureFrames(lan, sender, all[0], 0);
        var towardsFirst = Math.Min(MeasureFrames(lan, sender, all[0], 0), MeasureFrames(lan, sender, all[0], 0));
        var towardsLast = Math.Min(MeasureFrames(lan, sender, all[^1], count - 1), MeasureFrames(lan, sender, all[^1], count - 1));
        Assert.InRange(towardsLast / towardsFirst, 0, 2.5);
    }

    [Fact]
    public void Defect_07_the_wss_client_dies_when_it_reconnects()
    {
        using var lan = Lan.Start(new LanOptions { Way = Way.NginxPassword });
        lan.StopNginx();
        Eventually.Holds("the clients live", TimeSpan.FromSeconds(4), () => !lan.Clients.Any(client => client.Process.HasExited));
        lan.StartNginx();
        lan.WaitUntilJoined(TimeSpan.FromSeconds(40));

        Ping.WaitUntilReaches(lan.Clients[0].Machine, lan.Clients[1].Address);
    }

    [Fact]
    public void Defect_07_the_wss_client_does_not_check_the_host_name()
    {
        const string otherName = "other.test";
        using var lan = Lan.Start(new LanOptions { Way = Way.NginxPassword, Clients = 0 });
        var client = lan.Join(new LanClientOptions
        {
            Url = lan.Url.Replace(Lan.HubAddress, otherName, StringComparison.Ordinal),
            Prepare = machine => machine.AddHost(otherName, Lan.HubAddress),
        });
        client.Process.WaitForOutput("certificate");
        Assert.Equal(0, lan.Control.CountPeers());
    }

    [Fact]
    public void Defect_07_the_client_drops_frames_that_arrive_with_the_101()
    {
        using var lan = Lan.Start(new LanOptions { Clients = 0 });
        using var server = new FakeServer(lan.Hub, Lan.HubAddress, 8081);
        var client = lan.Join(new LanClientOptions { Url = $"ws://{Lan.HubAddress}:8081/" });
        using var peer = server.Accept();
        var question = EthernetFrames.ArpRequest(First, "10.88.0.1", client.Address);
        peer.Send([.. FakeServer.Welcome(peer), .. new RawFrame(RawFrame.Binary, question) { Masked = false }.ToBytes()]);
        byte[] answer;
        do answer = peer.ReadNext(RawFrame.Binary).Payload;
        while (!EthernetFrames.IsArpReply(answer, "10.88.0.1"));
    }

    [Fact]
    public void Defect_08_a_broadcast_while_the_tap_is_down_loses_it_for_good()
    {
        using var lan = Lan.Start(new LanOptions { Clients = 1, ServerTap = true });
        var client = lan.Clients[0].Machine;
        Ping.WaitUntilReaches(client, Lan.ServerTapAddress);
        lan.Hub.Ip($"link set {Lan.TapName} down");
        // Nobody has this address: the question for it is a broadcast.
        Assert.False(Ping.Reaches(client, "10.88.0.99"));
        lan.Hub.Ip($"link set {Lan.TapName} up");
        Ping.WaitUntilReaches(client, Lan.ServerTapAddress);
    }

    [Fact]
    public void Defect_08_out_of_descriptors_the_server_spins_and_floods_its_log()
    {
        const int limit = 250;
        const int reserve = limit / 4;
        const int tolerance = 8;
        const int logLimit = 64 * 1024;
        Requires.Root();
        Requires.Tool("prlimit");
        using var scratch = new Scratch();
        var socket = scratch.PathOf("vpn.sock");
        using var server = ProcessUnderTest.Start(null, "prlimit", $"--nofile={limit}", ProgramPair.Ours.Server, socket);
        var control = new ControlInterface(socket);
        control.WaitForPeers(0);
        using (var innocents = new PeerPair(socket))
        using (var peers = new Disposables())
        {
            var asked = 0;
            while (asked < limit) peers.Add(AskToJoin(socket, asked++));
            // A descriptor that the runtime itself held for a moment is free again later: more peers ask until one is turned away.
            Eventually.True("only the reserve is left", () =>
            {
                peers.Add(AskToJoin(socket, asked++));
                return server.Output.Contains("limit of open files", StringComparison.Ordinal);
            }, state: () => $"{server.Vitals.Descriptors} of {limit} are open.");
            // The runtime opens and closes some of its own meanwhile, and an open that waits holds one that is not to be seen.
            Assert.InRange(server.Vitals.Descriptors, limit - reserve - tolerance, limit - reserve + tolerance);
            var logged = server.Output.Length;
            // The runtime starts a thread now and then, and needs descriptors for it: without the reserve the server dies within half a minute.
            Assert.InRange(server.Vitals.Load(TimeSpan.FromSeconds(30)), 0, 0.3);
            Assert.InRange(server.Output.Length - logged, 0, logLimit);
            innocents.Complete();
        }

        control.WaitForPeers(0);
        using var peer = RawWebSocket.Join(socket, First);
        control.WaitForPeers(1);
    }

    private static RawWebSocket AskToJoin(string socket, int number)
    {
        var peer = RawWebSocket.Connect(socket);
        try
        {
            peer.Send(UwsgiPacket.Build(0, RawWebSocket.UwsgiVariables(EthernetFrames.Address(number))));
        }
        catch (SocketException)
        {
            // Turned away already, which is what the server is to do with most.
        }

        return peer;
    }

    [Fact]
    public void Defect_09_pings_are_not_answered_and_closes_not_echoed()
    {
        using var lan = Lan.Start(new LanOptions { Clients = 0 });
        using var peer = RawWebSocket.Join(lan.SocketPath, First);
        peer.Send(new RawFrame(RawFrame.Ping, "there?"u8.ToArray()));
        Assert.Equal("there?"u8.ToArray(), peer.ReadNext(RawFrame.Pong).Payload);
        peer.Send(new RawFrame(RawFrame.Close, [0x03, 0xE8]));
        peer.ExpectClose(1000);
    }

    [Fact]
    public void Defect_09_unmasked_and_reserved_bit_frames_are_passed_on()
    {
        using var lan = Lan.Start(new LanOptions { Clients = 0 });
        using var receiver = RawWebSocket.Join(lan.SocketPath, Second);
        var frame = EthernetFrames.Marked(Second, First, Mark);
        foreach (var wrong in (RawFrame[])[new(RawFrame.Binary, frame) { Masked = false }, new(RawFrame.Binary, frame) { ReservedBits = 2 }])
        {
            using var sender = RawWebSocket.Join(lan.SocketPath, First);
            sender.Send(wrong);
            sender.ExpectClose(1002);
        }

        using var last = RawWebSocket.Join(lan.SocketPath, First);
        last.SendBinary(EthernetFrames.Marked(Second, First, EndMark));
        Assert.False(receiver.ReceivesBefore(Mark, EndMark));
    }

    [Fact]
    public void Defect_09_fragments_are_torn()
    {
        using var lan = Lan.Start(new LanOptions { Clients = 0 });
        using var sender = RawWebSocket.Join(lan.SocketPath, First);
        using var receiver = RawWebSocket.Join(lan.SocketPath, Second);
        lan.Control.WaitForPeers(2);
        var frame = EthernetFrames.Marked(Second, First, Mark, 200);
        sender.Send(new RawFrame(RawFrame.Binary, frame[..5]) { Final = false });
        sender.Send(new RawFrame(RawFrame.Ping, []));
        sender.Send(new RawFrame(0, frame[5..100]) { Final = false });
        sender.Send(new RawFrame(0, frame[100..]));
        Assert.Equal(frame, receiver.ReadNext(RawFrame.Binary).Payload);
    }

    [Fact]
    public void Defect_09_the_client_does_not_check_the_servers_accept()
    {
        using var lan = Lan.Start(new LanOptions { Clients = 0 });
        using var server = new FakeServer(lan.Hub, Lan.HubAddress, 8081);
        var client = lan.Join(new LanClientOptions { Url = $"ws://{Lan.HubAddress}:8081/" });
        using var peer = server.Accept();
        // The answer to another key.
        peer.Send(System.Text.Encoding.ASCII.GetBytes(
            $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {RawWebSocket.Accept}\r\n\r\n"));
        peer.ExpectEnd();
        client.Process.WaitForOutput("accept");
    }

    [Fact]
    public void Defect_09_the_clients_mask_is_one_for_the_whole_connection()
    {
        using var lan = Lan.Start(new LanOptions { Clients = 0 });
        using var server = new FakeServer(lan.Hub, Lan.HubAddress, 8081);
        var client = lan.Join(new LanClientOptions { Url = $"ws://{Lan.HubAddress}:8081/" });
        using var peer = server.Accept();
        peer.Send(FakeServer.Welcome(peer));
        using var questions = Ping.Start(client.Machine, "10.88.0.99", count: 20, interval: 0.1);
        var masks = Enumerable.Range(0, 4).Select(_ => Convert.ToHexString(peer.ReadNext(RawFrame.Binary).MaskKey)).ToList();
        Assert.Equal(masks.Count, masks.Distinct().Count());
    }

    [Fact]
    public void Defect_10_IPv4_only()
    {
        using var lan = Lan.Start(new LanOptions { Clients = 0 });
        lan.Join(new LanClientOptions { Url = $"ws://[{Lan.HubAddressV6}]:{Lan.HttpPort}/vpn" });
        lan.WaitUntilJoined();
        Assert.Equal("fd77::11", lan.Control.Peers[0].RemoteAddress);
    }

    [Fact]
    public void Defect_10_no_proxy()
    {
        using var lan = Lan.Start(new LanOptions { Clients = 0 });
        using var proxy = new ConnectProxy(lan.Hub, Lan.HubAddress, 3128);
        lan.Join(new LanClientOptions { Options = ["--proxy", $"http://{Lan.HubAddress}:3128"] });
        lan.WaitUntilJoined();
        Assert.Equal($"{Lan.HubAddress}:{Lan.HttpPort}", Assert.Single(proxy.Targets));
    }

    [Fact]
    public void Defect_10_the_server_waits_for_ever_for_a_handshake()
    {
        using var lan = Lan.Start(new LanOptions { Clients = 0 });
        using var silent = RawWebSocket.Connect(lan.SocketPath);
        silent.Socket.ReceiveTimeout = 13_000;
        silent.ExpectEnd();
    }

    [Fact]
    public void Defect_10_the_server_never_notices_a_half_open_link()
    {
        using var lan = Lan.Start(new LanOptions { ServerOptions = ["--ping-interval", "1", "--ping-timeout", "1"] });
        lan.Clients[0].Machine.Ip("link set eth0 down");
        lan.Control.WaitForPeers(1);
        Assert.NotNull(lan.Control.PeerWith(lan.Clients[1].MacAddress));
    }

    [Fact]
    public void Defect_10_the_client_never_notices_a_half_open_link()
    {
        using var lan = Lan.Start(new LanOptions { Clients = 1, ServerOptions = ["--ping-interval", "0"] });
        var client = lan.Join(new LanClientOptions { Options = ["--timeout", "3", "--ping-interval", "1"] });
        lan.WaitUntilJoined();
        client.Machine.Ip("link set eth0 down");
        client.Process.WaitForOutput("disconnected");
        client.Machine.Ip("link set eth0 up");
        client.Machine.Ip("addr replace fd77::12/64 dev eth0 nodad");
        // The server still believes in the old link: the address passes on once that does not answer.
        Ping.WaitUntilReaches(lan.Clients[0].Machine, client.Address, TimeSpan.FromSeconds(40));
    }

    [Fact]
    public void Defect_11_supplementary_groups_are_kept_and_the_client_stays_root()
    {
        Requires.Root();
        using var scratch = new Scratch();
        using var machine = new NetworkNamespace("rights");
        foreach (var words in (string[][])[[ProgramPair.Ours.Server, "--tuntap", "vpn0", scratch.PathOf("vpn.sock")], [ProgramPair.Ours.Client, "vpn1", "ws://127.0.0.1:9/"]])
        {
            using var program = machine.Start(["setpriv", "--groups", "4,24", words[0], "--uid", "nobody", "--gid", "nogroup", .. words[1..]]);
            Eventually.Equal("the user is nobody", 65534, () => program.Vitals.UserIds[1]);
            Assert.DoesNotContain(4, program.Vitals.SupplementaryGroups);
            Assert.DoesNotContain(24, program.Vitals.SupplementaryGroups);
            Assert.False(program.HasExited);
        }
    }

    /// <summary>Sends a marked frame from an address; the pong tells that the server is through with it.</summary>
    private static void Use(RawWebSocket peer, string from, string to, bool awaitPong = true)
    {
        peer.SendBinary(EthernetFrames.Marked(to, from, Mark));
        if (!awaitPong) return;
        peer.Send(new RawFrame(RawFrame.Ping, []));
        peer.ReadNext(RawFrame.Pong);
    }

    /// <summary>How many addresses a peer holds besides its own.</summary>
    private static int Addresses(Lan lan, string macAddress) =>
        lan.Control.PeerWith(macAddress).Json.GetProperty("macs").EnumerateArray().Count(address => !address.GetString()!.Equals(macAddress, StringComparison.OrdinalIgnoreCase));

    /// <summary>The server's processor time for some frames towards one peer, which takes them all.</summary>
    private static double MeasureFrames(Lan lan, RawWebSocket sender, RawWebSocket receiver, int number)
    {
        const int batches = 2000;
        var address = EthernetFrames.Address(number);
        var batch = Enumerable.Repeat(new RawFrame(RawFrame.Binary, EthernetFrames.Marked(address, EthernetFrames.Address(0xFFFF), Mark)).ToBytes(), 50).SelectMany(bytes => bytes).ToArray();
        var before = lan.Server.Vitals.ProcessorTime;
        var draining = Task.Run(() => receiver.Drain());
        for (var i = 0; i < batches; i++) sender.Send(batch);
        sender.Send(new RawFrame(RawFrame.Ping, []));
        sender.ReadNext(RawFrame.Pong);
        var used = lan.Server.Vitals.ProcessorTime - before;
        draining.Wait();
        return used.TotalMilliseconds;
    }
}
