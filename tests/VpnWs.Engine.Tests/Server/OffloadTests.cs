using VpnWs.Client;
using VpnWs.Offload;
using VpnWs.Server;
using VpnWs.Switching;
using VpnWs.Tests.Offload;
using VpnWs.Tests.Transport;
using VpnWs.Tests.WebSockets;
using VpnWs.WebSockets;

namespace VpnWs.Tests.Server;

/// <summary>Super-frames and unfinished checksums between ends that speak of them and ends that do not. The frames go from station 1 to station 2.</summary>
[Collection(InProcess.Name)]
public sealed class OffloadTests
{
    private const string Protocol = "vpn-ws.offload.v1";
    private const string OfferHeader = "Sec-WebSocket-Protocol: " + Protocol;

    private static readonly FrameSpec Tcp4 = new() { TcpOptions = FrameSpec.Timestamps, Flags = 0x18, Payload = FrameSpec.Bytes(30_000), GsoSize = 1448 };
    private static readonly FrameSpec Tcp6 = Tcp4 with { IsIPv6 = true, Flags = 0x90, Tags = [0x8100_0005] };
    private static readonly FrameSpec Udp4 = new() { IsUdp = true, Payload = FrameSpec.Bytes(10_000), GsoSize = 1200 };
    private static readonly FrameSpec Small = new() { Payload = FrameSpec.Bytes(100, 5) };
    private static readonly FrameSpec[] Supers = [Tcp4, Tcp6, Udp4];

    [Theory]
    [InlineData(true, true, true)]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    [InlineData(false, false, false)]
    public async Task It_is_spoken_where_both_ends_want_it(bool server, bool client, bool spoken)
    {
        await using var lan = await InProcessLan.Start(options => options with { Offload = server });
        var station = await lan.Join(Ether.Mac(1), options => options with { Offload = client });
        Assert.Equal(spoken, (await station.Events.WaitFor<Connected>()).HasOffload);
        Assert.Equal(spoken, lan.Info(station.Mac).HasOffload);
        var raw = await lan.JoinRaw(Ether.Mac(2), "Sec-WebSocket-Protocol: other, " + Protocol);
        Assert.Equal(server ? Protocol : null, raw.Field("Sec-WebSocket-Protocol"));
    }

    [Fact]
    public async Task Between_peers_that_speak_it_super_frames_travel_whole()
    {
        await using var lan = await InProcessLan.Start(OffloadSwitch.On);
        var (a, b) = (await lan.Join(Ether.Mac(1), OffloadSwitch.On, offloadTap: true), await lan.Join(Ether.Mac(2), OffloadSwitch.On, offloadTap: true));
        foreach (var spec in Supers)
        {
            a.Tap.Send(spec.Unfinished(), spec.SuperHeader());
            await ExpectSuper(b.Tap, spec);
        }

        a.Tap.Send(Small.Unfinished(), Small.PartialHeader());
        var received = await b.Tap.Receive();
        Assert.Equal(Small.PartialHeader(), received.Header);
        Assert.Equal(Small.Unfinished(), received.Frame);
        Assert.Equal(4, lan.Info(b.Mac).FramesSent);
    }

    [Fact]
    public async Task Between_a_client_and_the_servers_tap_super_frames_travel_whole()
    {
        await using var lan = await InProcessLan.Start(OffloadSwitch.On, Ether.Mac(2), offloadTap: true);
        var a = await lan.Join(Ether.Mac(1), OffloadSwitch.On, offloadTap: true);
        a.Tap.Send(Tcp4.Unfinished(), Tcp4.SuperHeader());
        await ExpectSuper(lan.Tap, Tcp4);
    }

    [Fact]
    public async Task From_the_servers_tap_to_a_client_super_frames_travel_whole()
    {
        await using var lan = await InProcessLan.Start(OffloadSwitch.On, Ether.Mac(1), offloadTap: true);
        var b = await lan.Join(Ether.Mac(2), OffloadSwitch.On, offloadTap: true);
        lan.Tap.Send(Tcp6.Unfinished(), Tcp6.SuperHeader());
        await ExpectSuper(b.Tap, Tcp6);
    }

    [Theory]
    [InlineData("raw peer")]
    [InlineData("client without offload")]
    [InlineData("client with offload on a plain tap")]
    [InlineData("server's plain tap")]
    public async Task For_an_end_without_it_the_server_cuts_super_frames_and_finishes_checksums(string end)
    {
        await using var lan = await InProcessLan.Start(OffloadSwitch.On, end.StartsWith("server", StringComparison.Ordinal) ? Ether.Mac(2) : null);
        var a = await lan.Join(Ether.Mac(1), OffloadSwitch.On, offloadTap: true);
        var expect = await Receiver(lan, end);
        foreach (var spec in Supers)
        {
            a.Tap.Send(spec.Unfinished(), spec.SuperHeader());
            foreach (var segment in spec.Segments()) await expect(segment);
        }

        a.Tap.Send(Small.Unfinished(), Small.PartialHeader());
        await expect(Small.Finished());
    }

    [Fact]
    public async Task Towards_a_server_without_it_the_client_cuts_super_frames_and_finishes_checksums()
    {
        await using var lan = await InProcessLan.Start(options => options with { Offload = false }, Ether.Mac(2));
        var a = await lan.Join(Ether.Mac(1), OffloadSwitch.On, offloadTap: true);
        foreach (var spec in Supers)
        {
            a.Tap.Send(spec.Unfinished(), spec.SuperHeader());
            foreach (var segment in spec.Segments()) await lan.Tap.Expect(segment);
        }

        a.Tap.Send(Small.Unfinished(), Small.PartialHeader());
        await lan.Tap.Expect(Small.Finished());
        a.Tap.Send(Small.Finished());
        await lan.Tap.Expect(Small.Finished());
    }

    [Fact]
    public async Task From_the_servers_tap_plain_peers_get_segments_and_finished_checksums()
    {
        await using var lan = await InProcessLan.Start(OffloadSwitch.On, Ether.Mac(1), offloadTap: true);
        var peer = await lan.JoinRaw(Ether.Mac(2));
        lan.Tap.Send(Tcp4.Unfinished(), Tcp4.SuperHeader());
        foreach (var segment in Tcp4.Segments()) await peer.Expect(segment);
        lan.Tap.Send(Small.Unfinished(), Small.PartialHeader());
        await peer.Expect(Small.Finished());
    }

    [Fact]
    public async Task What_no_peer_would_believe_is_mended_where_it_comes_from_a_tap()
    {
        // More segments than one message may cause: cut at once.
        var tiny = Tcp4 with { Payload = FrameSpec.Bytes(9000), GsoSize = 8 };
        await using var lan = await InProcessLan.Start(OffloadSwitch.On, Ether.Mac(1), offloadTap: true);
        var (b, c) = (await lan.Join(Ether.Mac(2), OffloadSwitch.On), await lan.JoinRaw(Ether.Mac(3)));
        lan.Tap.Send(tiny.Unfinished(), tiny.SuperHeader());
        foreach (var segment in tiny.Segments()) await b.Tap.Expect(segment);

        // No header at all that fits: dropped.
        lan.Tap.Send(Small.Unfinished(), Small.PartialHeader() with { ChecksumStart = 5000 });
        lan.Tap.Send(Small.Finished());
        await b.Tap.Expect(Small.Finished());
        Assert.Equal(1, lan.Drops(DropReason.InvalidOffloadHeader));
        Assert.Equal(0, lan.Info(c.Id).FramesSent);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_longest_super_frame_behind_two_tags_passes(bool fromServer)
    {
        var huge = new FrameSpec { IsUdp = true, Tags = [0x88a8_0064, 0x8100_0007], Payload = FrameSpec.Bytes(65_507), GsoSize = 1472 };
        Assert.Equal(Ether.MaxLength + 8, huge.Unfinished().Length);
        var bytes = new byte[10 + huge.Unfinished().Length];
        huge.SuperHeader().Write(bytes);
        huge.Unfinished().CopyTo(bytes, 10);
        using var tap = new FakeTap(Ether.Mac(1)) { HasOffload = true };
        await using var lan = await InProcessLan.Start(options => OffloadSwitch.On(fromServer ? options with { ExistingTap = tap } : options));
        var b = await lan.Join(Ether.Mac(2), OffloadSwitch.On);
        await using var a = new VpnWsClient(OffloadSwitch.On(Station.Options(lan.Uri, tap)));
        if (!fromServer)
        {
            await a.StartAsync(TestContext.Current.CancellationToken);
            await lan.Events.WaitFor<PeerJoined>(number: 2);
        }

        tap.Bring(bytes);
        foreach (var segment in huge.Segments()) await b.Tap.Expect(segment);
        Assert.Equal(1, b.Client.LinksMade);
        Assert.Equal(fromServer ? 0 : 1, a.LinksMade);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_plain_peers_send_in_a_burst_reaches_a_tap_with_offload_joined(bool onServer)
    {
        await using var lan = await InProcessLan.Start(OffloadSwitch.On, onServer ? Ether.Mac(2) : null, offloadTap: true);
        var peer = await lan.JoinRaw(Ether.Mac(1));
        var tap = onServer ? lan.Tap : (await lan.Join(Ether.Mac(2), OffloadSwitch.On, offloadTap: true)).Tap;
        var segments = Tcp4.Segments();
        await peer.Send([.. segments.Select(segment => Wire.Masked(Opcode.Binary, segment))]);
        var arrived = new List<byte[]>();
        var writes = 0;
        for (; arrived.Count < segments.Count; writes++)
        {
            var received = await tap.Receive();
            if (received.Header.IsSuperFrame) arrived.AddRange(Batches.Cut(received.Header, received.Frame));
            else arrived.Add(received.Frame);
        }

        Assert.Equal(segments, arrived);
        Assert.InRange(writes, 1, segments.Count / 2);
    }

    [Fact]
    public async Task A_hostile_header_is_dropped_and_counted_and_never_seen_by_anybody()
    {
        await using var lan = await InProcessLan.Start(OffloadSwitch.On, Ether.Mac(2), offloadTap: true);
        var hostile = await lan.JoinRaw(Ether.Mac(1), OfferHeader);
        var super = Tcp4.SuperHeader();
        VirtioNetHeader[] headers =
        [
            super with { Flags = 0 },
            super with { Flags = 3 },
            super with { Flags = 0x81 },
            super with { GsoType = GsoType.TcpV6 },
            super with { GsoType = (GsoType)2 },
            super with { GsoType = GsoType.UdpL4 | GsoType.EcnBit },
            super with { GsoType = (GsoType)0x7f },
            super with { GsoSize = 0 },
            super with { GsoSize = 1 },
            super with { GsoSize = ushort.MaxValue },
            super with { ChecksumStart = 0 },
            super with { ChecksumStart = ushort.MaxValue },
            super with { ChecksumOffset = 6 },
            super with { ChecksumOffset = ushort.MaxValue },
            super with { HeaderLength = 0 },
            super with { HeaderLength = ushort.MaxValue },
            Small.PartialHeader() with { ChecksumStart = 14 },
            new VirtioNetHeader { ChecksumOffset = 16 },
            new VirtioNetHeader { GsoSize = 1 },
        ];
        foreach (var header in headers) await hostile.SendFrame(Bytes(header), Tcp4.Unfinished());

        // Right headers before frames that are something else.
        var broken = Tcp4.Unfinished();
        broken[14] = 0x4f;
        await hostile.SendFrame(Bytes(super), broken);
        await hostile.SendFrame(Bytes(super), Tcp4.Unfinished()[..40]);
        await hostile.SendFrame(Bytes(super), [.. Tcp4.Unfinished(), 0]);

        await hostile.SendFrame(Bytes(default), Small.Finished());
        await lan.Tap.Expect(Small.Finished());
        await lan.ExpectDrops(headers.Length + 3, DropReason.InvalidOffloadHeader, hostile.Id);

        await hostile.SendFrame(Bytes(default), [.. Small.Finished()[..13]]);
        await hostile.SendFrame([1, 2, 3]);
        await lan.ExpectDrops(2, DropReason.Runt, hostile.Id);
        Assert.Equal(1, lan.Info().FramesSent);
    }

    [Fact]
    public async Task Super_frames_of_a_flood_reach_every_end_in_its_own_form()
    {
        await using var lan = await InProcessLan.Start(OffloadSwitch.On, Ether.Mac(0xfe), offloadTap: true);
        var a = await lan.Join(Ether.Mac(1), OffloadSwitch.On, offloadTap: true);
        var (whole, plain) = (await lan.Join(Ether.Mac(2), OffloadSwitch.On, offloadTap: true), await lan.JoinRaw(Ether.Mac(3)));
        byte[] ToAll(byte[] frame) => [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, .. frame[6..]];

        a.Tap.Send(ToAll(Udp4.Unfinished()), Udp4.SuperHeader());

        foreach (var end in new[] { lan.Tap, whole.Tap })
        {
            var received = await end.Receive();
            Assert.Equal(Udp4.SuperHeader(), received.Header);
            Assert.Equal(ToAll(Udp4.Unfinished()), received.Frame);
        }

        foreach (var segment in Udp4.Segments()) await plain.Expect(ToAll(segment));
    }

    private static async Task<Func<byte[], Task>> Receiver(InProcessLan lan, string end)
    {
        switch (end)
        {
            case "raw peer":
                var raw = await lan.JoinRaw(Ether.Mac(2));
                return raw.Expect;
            case "server's plain tap":
                return lan.Tap.Expect;
            default:
                var station = await lan.Join(Ether.Mac(2), options => options with { Offload = end.Contains("with offload", StringComparison.Ordinal) });
                return station.Tap.Expect;
        }
    }

    private static async Task ExpectSuper(TapEnd tap, FrameSpec spec)
    {
        var received = await tap.Receive();
        Assert.Equal(spec.SuperHeader(), received.Header);
        Assert.Equal(spec.Unfinished(), received.Frame);
    }

    private static byte[] Bytes(VirtioNetHeader header)
    {
        var bytes = new byte[VirtioNetHeader.Length];
        header.Write(bytes);
        return bytes;
    }
}
