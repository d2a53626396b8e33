using VpnWs.Transport;

namespace VpnWs.Tests.Transport;

/// <summary>Where TLS records end, however the stream is cut.</summary>
public sealed class RecordMeterTests
{
    private static readonly int[] Lengths = [0, 1, 2, 255, 256, 257, 700, 16_384 + 256];

    [Fact]
    public void A_record_is_seen_to_end_with_its_last_byte_wherever_the_stream_was_cut_before()
    {
        foreach (var length in Lengths)
        {
            byte[] stream = [0x17, 3, 3, (byte)(length >> 8), (byte)length, .. Enumerable.Repeat((byte)0xff, length)];
            foreach (var cut in Enumerable.Range(0, Math.Min(stream.Length, 9)))
            {
                // A whole record of another length goes before it.
                var meter = default(RecordMeter);
                meter.Advance([0x16, 3, 1, 0, 3, 9, 9, 9]);
                meter.Advance(stream.AsSpan(0, cut));
                var rest = stream.AsSpan(cut);
                Assert.False(meter.EndsRecord(rest[..^1]), $"length {length}, cut at {cut}");
                Assert.True(meter.EndsRecord(rest), $"length {length}, cut at {cut}");
                Assert.True(meter.EndsRecord([.. rest, 0x17]), $"length {length}, cut at {cut}");
                meter.Advance(rest);
                Assert.False(meter.EndsRecord([]));
            }
        }
    }

    [Fact]
    public void Passed_byte_by_byte_or_at_once_is_the_same()
    {
        byte[] stream = [.. Lengths.SelectMany(length => (byte[])[0x17, 3, 3, (byte)(length >> 8), (byte)length, .. new byte[length]])];
        var (slow, fast) = (default(RecordMeter), default(RecordMeter));
        foreach (var octet in stream) slow.Advance([octet]);
        fast.Advance(stream);
        byte[] next = [0x17, 3, 3, 0, 1, 7];
        Assert.True(slow.EndsRecord(next) && fast.EndsRecord(next));
        Assert.False(slow.EndsRecord(next.AsSpan(0, 5)) || fast.EndsRecord(next.AsSpan(0, 5)));
    }
}
