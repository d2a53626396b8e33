using VpnWs.Offload;
using VpnWs.Tests.Offload;
using VpnWs.Transport;

namespace VpnWs.Tests.Transport;

/// <summary>A flooded frame's encoded forms are those that each port would have made for itself.</summary>
public sealed class FloodEncoderTests : IDisposable
{
    private readonly FakeChannel _channel = new();

    public void Dispose() => _channel.Dispose();

    [Theory]
    [InlineData(60)]
    [InlineData(125)]
    [InlineData(1514)]
    [InlineData(65_549)]
    public void A_plain_frame_is_one_message_in_either_form(int length)
    {
        var bytes = Ether.Frame(Ether.Mac(1), Ether.Mac(2), length);
        var frame = new Frame(bytes);
        var encoder = FloodEncoder.Begin();
        Assert.Equal(Encoded(bytes, default, withHeader: true), encoder.WithHeader(ref frame).ToArray());
        Assert.Equal(Encoded(bytes, default, withHeader: false), encoder.Plain(ref frame).ToArray());
        Assert.Equal((1, length), (encoder.PlainFrames, encoder.PlainBytes));
    }

    [Fact]
    public void A_super_frame_is_one_message_with_its_header_and_a_message_for_each_segment_without()
    {
        var spec = new FrameSpec { GsoSize = 100, Payload = FrameSpec.Bytes(250) };
        var frame = new Frame(spec.Unfinished()) { Offload = spec.SuperHeader() };
        var encoder = FloodEncoder.Begin();
        Assert.Equal(Encoded(spec.Unfinished(), spec.SuperHeader(), withHeader: true), encoder.WithHeader(ref frame).ToArray());
        var expected = new List<byte>();
        var segmenter = new Segmenter(spec.SuperHeader(), spec.Unfinished());
        var segment = new byte[2000];
        var total = 0;
        while (segmenter.Next(segment, out var length))
        {
            expected.AddRange(Encoded(segment[..length], default, withHeader: false));
            total += length;
        }

        Assert.Equal(expected, encoder.Plain(ref frame).ToArray());
        Assert.Equal((3, total), (encoder.PlainFrames, encoder.PlainBytes));
    }

    [Fact]
    public void A_super_frame_of_too_many_segments_is_left_to_the_ports()
    {
        var spec = new FrameSpec { GsoSize = 8, Payload = FrameSpec.Bytes(60_000) };
        var frame = new Frame(spec.Unfinished()) { Offload = spec.SuperHeader() };
        var encoder = FloodEncoder.Begin();
        Assert.True(encoder.Plain(ref frame).IsEmpty);

        // It is not tried for every port anew: this one would do.
        var other = new Frame(Ether.Frame(Ether.Mac(1), Ether.Mac(2)));
        Assert.True(encoder.Plain(ref other).IsEmpty);
        Assert.False(FloodEncoder.Begin().Plain(ref other).IsEmpty);
    }

    [Fact]
    public void The_next_frame_starts_anew()
    {
        var first = new Frame(Ether.Frame(Ether.Mac(1), Ether.Mac(2), 100));
        _ = FloodEncoder.Begin().Plain(ref first);
        var bytes = Ether.Frame(Ether.Mac(3), Ether.Mac(4), 60);
        var second = new Frame(bytes);
        Assert.Equal(Encoded(bytes, default, withHeader: false), FloodEncoder.Begin().Plain(ref second).ToArray());
    }

    private byte[] Encoded(byte[] bytes, VirtioNetHeader header, bool withHeader)
    {
        var outbox = new Outbox(_channel, 1 << 20, _ => { });
        var frame = new Frame(bytes) { Offload = header };
        var before = _channel.Sent.Length;
        Assert.True(outbox.TryAppend(ref frame, withHeader));
        outbox.Flush();
        return _channel.Sent[before..];
    }
}
