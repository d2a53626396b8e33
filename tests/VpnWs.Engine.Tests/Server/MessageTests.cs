using VpnWs.Ethernet;
using VpnWs.Server;
using VpnWs.Tests.Transport;
using VpnWs.Tests.WebSockets;
using VpnWs.WebSockets;

namespace VpnWs.Tests.Server;

/// <summary>RFC 6455 as the server keeps it, seen on the wire.</summary>
[Collection(InProcess.Name)]
public sealed class MessageTests
{
    private static readonly MacAddress TapMac = Ether.Mac(0xfe);
    private static readonly byte[] Frame = Ether.Frame(TapMac, Ether.Mac(1), 3000);

    /// <summary>What a peer must not send, and the code that it is closed with.</summary>
    public static TheoryData<string, byte[], int> Violations() => new()
    {
        { "reserved bit", Wire.Frame(Opcode.Binary, Frame, Wire.Key, reserved: 4), 1002 },
        { "unknown opcode", Wire.Masked((Opcode)3, Frame), 1002 },
        { "unknown control opcode", Wire.Masked((Opcode)11, []), 1002 },
        { "stray continuation", Wire.Masked(Opcode.Continuation, Frame), 1002 },
        { "message within a message", [.. Wire.Masked(Opcode.Binary, Frame, final: false), .. Wire.Masked(Opcode.Binary, Frame)], 1002 },
        { "control frame of 126 bytes", Wire.Masked(Opcode.Ping, new byte[126]), 1002 },
        { "fragmented control frame", Wire.Masked(Opcode.Ping, [], final: false), 1002 },
        { "frame that is not masked", Wire.Frame(Opcode.Binary, Frame), 1002 },
        { "ping that is not masked", Wire.Frame(Opcode.Ping, []), 1002 },
        { "wasteful length", [0x82, 0xfe, 0, 60, .. Wire.Key, .. new byte[60]], 1002 },
        { "length of 2^63", [0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, .. Wire.Key], 1002 },
        { "length of 1 TB", [0x82, 0xff, 0, 0, 1, 0, 0, 0, 0, 0, .. Wire.Key], 1009 },
        { "text", Wire.Masked(Opcode.Text, "48656c6c6f"), 1003 },
        { "close reason that is no text", Wire.Masked(Opcode.Close, "03e8ff"), 1007 },
        { "close with one byte", Wire.Masked(Opcode.Close, "03"), 1002 },
        { "close with a code that must not be sent", Wire.Masked(Opcode.Close, "03ed"), 1002 },
        { "fragments over the limit", [.. Wire.Masked(Opcode.Binary, new byte[40_000], final: false), .. Wire.Masked(Opcode.Continuation, new byte[40_000])], 1009 },
    };

    [Theory]
    [MemberData(nameof(Violations), DisableDiscoveryEnumeration = true)]
    public async Task A_violation_is_answered_with_its_close_code_and_what_came_before_it_counts(string what, byte[] bytes, int code)
    {
        await using var lan = await InProcessLan.Start(tap: TapMac);
        var (peer, other) = (await lan.JoinRaw(Ether.Mac(1)), await lan.JoinRaw(Ether.Mac(2)));

        await peer.Send(Wire.Masked(Opcode.Binary, Frame), bytes, Wire.Masked(Opcode.Binary, Frame));

        await lan.Tap.Expect(Frame);
        await peer.ExpectClose(code);
        Assert.NotEqual("connection lost", (await lan.Events.WaitFor<PeerLeft>(left => left.Peer.Id == peer.Id)).Reason);
        await other.SendFrame(Ether.Frame(TapMac, Ether.Mac(2)));
        await lan.Tap.Expect(Ether.Frame(TapMac, Ether.Mac(2)));
        Assert.Equal(0, lan.Tap.Waiting);
        Assert.NotEmpty(what);
    }

    [Fact]
    public async Task Fragments_are_put_together_around_a_ping_that_is_answered_meanwhile()
    {
        await using var lan = await InProcessLan.Start(tap: TapMac);
        var peer = await lan.JoinRaw(Ether.Mac(1));
        await peer.Send(Wire.Masked(Opcode.Binary, Frame.AsSpan(0, 5), final: false));
        await peer.Send(Wire.Masked(Opcode.Continuation, Frame.AsSpan(5, 1500), final: false), Wire.Masked(Opcode.Ping, "cafe"));
        Assert.Equal([0xca, 0xfe], (await peer.Next(Opcode.Pong)).Payload);
        Assert.Equal(0, lan.Tap.Waiting);
        await peer.Send(Wire.Masked(Opcode.Continuation, [], final: false), Wire.Masked(Opcode.Continuation, Frame.AsSpan(1505)));
        await lan.Tap.Expect(Frame);
    }

    [Fact]
    public async Task Frames_torn_at_every_byte_arrive_whole()
    {
        await using var lan = await InProcessLan.Start(tap: TapMac);
        var peer = await lan.JoinRaw(Ether.Mac(1));
        var small = Ether.Frame(TapMac, Ether.Mac(1), 130);
        foreach (var one in Wire.Masked(Opcode.Binary, small)) await peer.Send([one]);
        await lan.Tap.Expect(small);
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("0102030405060708")]
    public async Task A_ping_is_answered_with_its_payload(string payload)
    {
        await using var lan = await InProcessLan.Start();
        var peer = await lan.JoinRaw();
        await peer.Send(Wire.Masked(Opcode.Ping, payload));
        var pong = await peer.Next(Opcode.Pong);
        Assert.Equal(payload, Wire.Hex(pong.Payload));
        Assert.False(pong.IsMasked);
        await peer.Send(Wire.Masked(Opcode.Pong, "beef"), Wire.Masked(Opcode.Ping, new byte[125]));
        Assert.Equal(new byte[125], (await peer.Next(Opcode.Pong)).Payload);
    }

    [Theory]
    [InlineData("", 1005)]
    [InlineData("03e8", 1000)]
    [InlineData("03e9676f6f64627965", 1001)]
    [InlineData("0bb8", 3000)]
    public async Task A_close_is_answered_with_its_code_and_the_connection_ends(string payload, int code)
    {
        await using var lan = await InProcessLan.Start(tap: TapMac);
        var peer = await lan.JoinRaw(Ether.Mac(1));
        await peer.Send(Wire.Masked(Opcode.Binary, Frame), Wire.Masked(Opcode.Close, payload));
        Assert.Equal(code, (await peer.Next(Opcode.Close)).CloseCode);
        await peer.ExpectEnd();
        await lan.Tap.Expect(Frame);
        Assert.StartsWith("closed by the peer", (await lan.Events.WaitFor<PeerLeft>()).Reason, StringComparison.Ordinal);
        await Eventually.True("the peer is gone", () => lan.Server.PeerCount == 0);
    }

    [Fact]
    public async Task A_connection_that_just_ends_is_a_peer_that_left()
    {
        await using var lan = await InProcessLan.Start();
        var peer = await lan.JoinRaw(Ether.Mac(1));
        peer.Dispose();
        Assert.Equal(peer.Id, (await lan.Events.WaitFor<PeerLeft>()).Peer.Id);
        Assert.Empty(lan.Server.GetPeers());
    }
}
