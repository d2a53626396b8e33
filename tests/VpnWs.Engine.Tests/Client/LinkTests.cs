using VpnWs.Client;
using VpnWs.Switching;
using VpnWs.Tests.Offload;
using VpnWs.Tests.Transport;
using VpnWs.Tests.WebSockets;
using VpnWs.WebSockets;

namespace VpnWs.Tests.Client;

/// <summary>RFC 6455 as the client keeps it, against a server made by hand.</summary>
[Collection(InProcess.Name)]
public sealed class LinkTests
{
    private static readonly byte[] Frame = Ether.Frame(Ether.Mac(1), Ether.Mac(9), 3000);

    /// <summary>What a server must not send, and the code that the client closes with.</summary>
    public static TheoryData<string, byte[], int> Violations() => new()
    {
        { "masked frame", Wire.Masked(Opcode.Binary, Frame), 1002 },
        { "reserved bit", Wire.Frame(Opcode.Binary, Frame, reserved: 1), 1002 },
        { "unknown opcode", Wire.Frame((Opcode)4, Frame), 1002 },
        { "text", Wire.Frame(Opcode.Text, Frame), 1003 },
        { "message over the limit", Wire.Frame(Opcode.Binary, new byte[Ether.MaxLength + 1]), 1009 },
        { "length of 2^63", [0x82, 0x7f, 0x80, 0, 0, 0, 0, 0, 0, 0], 1002 },
    };

    [Fact]
    public async Task Frames_in_the_same_segment_as_the_101_reach_the_tap()
    {
        await using var server = new FakeServer();
        var station = server.Keep(await Station.Start(server.Uri, Ether.Mac(1)));
        var peer = await server.Accept();
        var message = Wire.Frame(Opcode.Binary, Frame);

        // The last one is cut, to be finished later.
        await peer.Send(FakeServer.Welcome(peer), message, message, message[..500]);
        await station.Tap.Expect(Frame);
        await station.Tap.Expect(Frame);
        await peer.Send(message[500..]);
        await station.Tap.Expect(Frame);
    }

    [Fact]
    public async Task Many_frames_in_the_same_segment_as_the_101_reach_the_tap_in_order()
    {
        await using var server = new FakeServer();
        var station = server.Keep(await Station.Start(server.Uri, Ether.Mac(1)));
        var peer = await server.Accept();
        var frames = Enumerable.Range(0, 300).Select(i => Ether.Frame(station.Mac, Ether.Mac(9), 1514, i)).ToList();
        await peer.Send([FakeServer.Welcome(peer), .. frames.Select(frame => Wire.Frame(Opcode.Binary, frame))]);
        foreach (var frame in frames) await station.Tap.Expect(frame);
    }

    [Fact]
    public async Task One_receive_brings_far_more_than_a_page()
    {
        await using var server = new FakeServer();
        var station = server.Keep(await Station.Start(server.Uri, Ether.Mac(1)));
        var peer = await server.Welcome();
        var frames = Enumerable.Range(0, 300).Select(i => Ether.Frame(station.Mac, Ether.Mac(9), 1514, i)).ToList();
        await peer.Send([.. frames.Select(frame => Wire.Frame(Opcode.Binary, frame))]);
        foreach (var frame in frames) await station.Tap.Expect(frame);
        Assert.InRange(station.Client.GetStatistics().Batches, 1, 300 * 1514 / 4096 / 2);
    }

    [Theory]
    [MemberData(nameof(Violations), DisableDiscoveryEnumeration = true)]
    public async Task A_violation_is_answered_with_its_close_code_and_what_came_before_it_counts(string what, byte[] bytes, int code)
    {
        await using var server = new FakeServer();
        var station = server.Keep(await Station.Start(server.Uri, Ether.Mac(1)));
        var peer = await server.Welcome();
        await peer.Send(Wire.Frame(Opcode.Binary, Frame), bytes, Wire.Frame(Opcode.Binary, Frame));
        await station.Tap.Expect(Frame);
        Assert.Equal(code, (await peer.Next(Opcode.Close)).CloseCode);
        await peer.ExpectEnd();
        Assert.Contains("broke the protocol", (await station.Events.WaitFor<Disconnected>()).Reason, StringComparison.Ordinal);
        Assert.Equal(0, station.Tap.Waiting);
        Assert.NotEmpty(what);
    }

    [Fact]
    public async Task Pings_are_answered_and_fragments_put_together()
    {
        await using var server = new FakeServer();
        var station = server.Keep(await Station.Start(server.Uri, Ether.Mac(1)));
        var peer = await server.Welcome();
        await peer.Send(
            Wire.Frame(Opcode.Binary, Frame.AsSpan(0, 10), final: false),
            Wire.Frame(Opcode.Ping, [7, 8]),
            Wire.Frame(Opcode.Continuation, Frame.AsSpan(10)));
        var pong = await peer.Next(Opcode.Pong);
        Assert.Equal([7, 8], pong.Payload);
        Assert.True(pong.IsMasked);
        await station.Tap.Expect(Frame);
    }

    [Theory]
    [InlineData("", 1005)]
    [InlineData("03e9", 1001)]
    public async Task A_close_is_answered(string payload, int code)
    {
        await using var server = new FakeServer();
        var station = server.Keep(await Station.Start(server.Uri, Ether.Mac(1)));
        var peer = await server.Welcome();
        await peer.Send(Wire.Frame(Opcode.Close, Wire.Bytes(payload)));
        var close = await peer.Next(Opcode.Close);
        Assert.Equal(code, close.CloseCode);
        Assert.True(close.IsMasked);
        await peer.ExpectEnd();
        await station.Events.WaitFor<Disconnected>();
    }

    [Fact]
    public async Task Every_frame_is_masked_with_a_key_of_its_own()
    {
        await using var server = new FakeServer();
        var station = server.Keep(await Station.Start(server.Uri, Ether.Mac(1), options => options with { Offload = false }));
        var peer = await server.Welcome();
        await station.Events.WaitFor<Connected>();
        var keys = new HashSet<string>();
        for (var i = 0; i < 50; i++) station.Send(Ether.Mac(9), 60, i);
        for (var i = 0; i < 50; i++)
        {
            var frame = await peer.Next(Opcode.Binary);
            Assert.True(keys.Add(Wire.Hex(frame.MaskKey)));
            Assert.Equal(Ether.Frame(Ether.Mac(9), station.Mac, 60, i), frame.Payload);
        }
    }

    [Fact]
    public async Task Stopping_closes_with_1000_and_nothing_is_sent_after_it()
    {
        using var tap = new FakeTap(Ether.Mac(1)) { Endless = Ether.Frame(Ether.Mac(9), Ether.Mac(1)) };
        await using var server = new FakeServer();
        var client = server.Keep(new VpnWsClient(Station.Options(server.Uri, tap)));
        await client.StartAsync(TestContext.Current.CancellationToken);
        var peer = await server.Welcome();
        await peer.Next(Opcode.Binary);
        var stopping = client.StopAsync();
        Assert.Equal(1000, (await peer.Next(Opcode.Close)).CloseCode);

        // The client waits for the answer for a while, and its tap has frames all the time.
        Assert.Null(await peer.Read());
        await Eventually.Within("the client stops", stopping);
        Assert.False(tap.IsDisposed);
        Assert.True(client.Counters.Drops(DropReason.PortClosed) > 0);
    }

    [Fact]
    public async Task Runts_from_the_server_are_counted_and_dropped()
    {
        await using var server = new FakeServer();
        var station = server.Keep(await Station.Start(server.Uri, Ether.Mac(1)));
        var peer = await server.Welcome();
        await peer.Send(Wire.Frame(Opcode.Binary, []), Wire.Frame(Opcode.Binary, Frame.AsSpan(0, 13)), Wire.Frame(Opcode.Binary, Frame));
        await station.Tap.Expect(Frame);
        Assert.Equal(2, station.Client.Counters.Drops(DropReason.Runt));
    }

    [Fact]
    public async Task A_hostile_offload_header_never_reaches_the_tap()
    {
        var spec = new FrameSpec { Payload = FrameSpec.Bytes(5000), GsoSize = 1000 };
        await using var server = new FakeServer();
        var station = server.Keep(await Station.Start(server.Uri, Ether.Mac(1), OffloadSwitch.On, offloadTap: true));
        var peer = await server.Welcome("Sec-WebSocket-Protocol: vpn-ws.offload.v1\r\n");
        var header = new byte[10];
        (spec.SuperHeader() with { ChecksumStart = 65_000 }).Write(header);
        await peer.Send(Wire.Frame(Opcode.Binary, [.. header, .. spec.Unfinished()]));
        spec.SuperHeader().Write(header);
        await peer.Send(Wire.Frame(Opcode.Binary, [.. header, .. spec.Unfinished()]));
        Assert.Equal(spec.Unfinished(), (await station.Tap.Receive()).Frame);
        Assert.Equal(1, station.Client.Counters.Drops(DropReason.InvalidOffloadHeader));
    }
}
