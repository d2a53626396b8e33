using VpnWs.Ethernet;
using VpnWs.Server;
using VpnWs.Tests.Offload;
using VpnWs.Tests.Transport;
using VpnWs.Tests.WebSockets;
using VpnWs.Transport;
using VpnWs.WebSockets;

namespace VpnWs.Tests.Server;

/// <summary>How often the kernel is called for what comes in one receive, and that what goes to many is made once.</summary>
public sealed class BatchTests : IDisposable
{
    private const int Plain = 1;
    private const int Sender = 2;

    // As in FrameSpec.
    private static readonly MacAddress PlainMac = Ether.Mac(2);
    private static readonly MacAddress SenderMac = Ether.Mac(1);

    private readonly FakeChannel _plain = new();
    private readonly FakeChannel _sender = new();
    private readonly PeerTable _peers = FakePeers.NewTable(new VpnWsServerOptions());

    public void Dispose()
    {
        _plain.Dispose();
        _sender.Dispose();
    }

    [Fact]
    public async Task A_super_frame_goes_to_a_peer_without_offload_as_its_segments_in_one_send()
    {
        await Join();
        var spec = new FrameSpec { Payload = FrameSpec.Bytes(30_000), GsoSize = 1448 };
        var header = new byte[Frame.OffloadHeaderLength];
        spec.SuperHeader().Write(header);
        var expected = spec.Segments().SelectMany(segment => Wire.Frame(Opcode.Binary, segment, null)).ToArray();

        await ExpectOneSend(expected, Wire.Masked(Opcode.Binary, [.. header, .. spec.Unfinished()]));
    }

    [Fact]
    public async Task All_frames_of_one_receive_go_to_a_peer_in_one_send()
    {
        await Join();
        var frames = Enumerable.Range(0, 100).Select(seed => Ether.Frame(PlainMac, SenderMac, seed: seed)).ToList();
        var expected = frames.SelectMany(frame => Wire.Frame(Opcode.Binary, frame, null)).ToArray();

        await ExpectOneSend(expected, [.. frames.SelectMany(frame => Wire.Masked(Opcode.Binary, [.. new byte[Frame.OffloadHeaderLength], .. frame]))]);
    }

    [Theory]
    [InlineData(Plain)]
    [InlineData(Sender)]
    public async Task A_flooded_frame_is_taken_as_it_was_encoded_for_the_first_peer_of_its_kind(int receiver)
    {
        await Join();
        var channel = receiver == Plain ? _plain : _sender;
        byte[] encoded = [1, .. Ether.Frame(MacAddress.Broadcast, Ether.Mac(3))[1..]], later = [.. encoded.Select(value => (byte)~value)];
        var encoder = FloodEncoder.Begin();
        var first = new Frame(encoded);
        var expected = (receiver == Plain ? encoder.Plain(ref first) : encoder.WithHeader(ref first)).ToArray();

        // Whoever encodes again encodes this one.
        var second = new Frame(later);
        var before = channel.Sent.Length;
        var port = _peers.Find(receiver)!;
        port.EnqueueFlooded(ref second, encoder);
        port.Flush();
        Assert.Equal(expected, channel.Sent[before..]);
    }

    private async Task ExpectOneSend(byte[] expected, byte[] received)
    {
        var (sends, bytes) = (_plain.Sends.Count, _plain.Sent.Length);
        _sender.Bring(received);
        await Eventually.True("all has been sent", () => _plain.Sent.Length >= bytes + expected.Length);
        Assert.Equal(expected, _plain.Sent[bytes..]);
        Assert.Equal([expected.Length], _plain.Sends[sends..]);
    }

    private async Task Join()
    {
        foreach (var (channel, mac, protocol) in new[] { (_plain, PlainMac, null), (_sender, SenderMac, "vpn-ws.offload.v1") })
        {
            _ = _peers.Serve(channel, mac, protocol);
            await Eventually.True("it has joined", () => channel.Times.Count == 1);
        }
    }
}
