using VpnWs.Offload;

namespace VpnWs.Tests.Offload;

public sealed class SegmenterTests
{
    // What Linux 6.18 made of the same super-frame at a tap without offload: the 54 bytes of headers.
    private static readonly string[] KernelHeaders =
    [
        "020000000002020000000001080045000410123440004006 10b2 0a0000010a000002 03e807d0fffffff000000007501001f44d5f0000",
        "020000000002020000000001080045000410123540004006 10b1 0a0000010a000002 03e807d0000003d800000007501001f467960000",
        "020000000002020000000001080045000410123640004006 10b0 0a0000010a000002 03e807d0000007c000000007501001f481cc0000",
        "020000000002020000000001080045000410123740004006 10af 0a0000010a000002 03e807d000000ba800000007501001f4a1080000",
        "020000000002020000000001080045000410123840004006 10ae 0a0000010a000002 03e807d000000f9000000007501801f4bb360000",
    ];

    private static FrameSpec FiveTimesThousand => new() { Flags = 0x18, Payload = [.. Enumerable.Range(0, 5000).Select(i => (byte)(i * 7))] };

    [Fact]
    public void Five_segments_are_those_that_Linux_made()
    {
        var spec = FiveTimesThousand;
        var segments = Batches.Cut(spec.SuperHeader(), spec.Unfinished());
        Assert.Equal(5, segments.Count);
        for (var i = 0; i < segments.Count; i++)
        {
            Assert.Equal(KernelHeaders[i].Replace(" ", "", StringComparison.Ordinal), Convert.ToHexStringLower(segments[i].AsSpan(0, 54)));
            Assert.Equal(spec.Payload[(i * 1000)..((i + 1) * 1000)], segments[i][54..]);
        }
    }

    [Theory]
    [InlineData("020000000002020000000001080045000404123440004011 10b3 0a0000010a000002 03e807d003f09b6c", 0)]
    [InlineData("020000000002020000000001080045000404123840004011 10af 0a0000010a000002 03e807d003f018eb", 4)]
    public void Udp_segments_are_those_that_Linux_made(string expected, int index)
    {
        var spec = FiveTimesThousand with { IsUdp = true };
        var segments = Batches.Cut(spec.SuperHeader(), spec.Unfinished());
        Assert.Equal(expected.Replace(" ", "", StringComparison.Ordinal), Convert.ToHexStringLower(segments[index].AsSpan(0, 42)));
    }

    [Theory]
    [InlineData("86dd6001234503fc0640fd000000000000000000000000000001fd00000000000000000000000000000203e807d0fffffff000000007501001f4675d0000", 0)]
    [InlineData("86dd6001234503fc0640fd000000000000000000000000000001fd00000000000000000000000000000203e807d000000f9000000007501901f4d5330000", 4)]
    public void IPv6_segments_are_those_that_Linux_made(string expected, int index)
    {
        var spec = FiveTimesThousand with { IsIPv6 = true, Flags = 0x19 };
        var segments = Batches.Cut(spec.SuperHeader(), spec.Unfinished());
        Assert.Equal(expected, Convert.ToHexStringLower(segments[index].AsSpan(12, 62)));
    }

    [Theory]
    [InlineData(0x98, new byte[] { 0x90, 0x10, 0x18 })]
    [InlineData(0x19, new byte[] { 0x10, 0x10, 0x19 })]
    [InlineData(0xd0, new byte[] { 0xd0, 0x50, 0x50 })]
    public void Cwr_is_on_the_first_segment_only_and_FIN_and_PSH_on_the_last(byte flags, byte[] expected)
    {
        var spec = new FrameSpec { Flags = flags, Payload = FrameSpec.Bytes(250), GsoSize = 100 };
        Assert.Equal(expected, Batches.Cut(spec.SuperHeader(), spec.Unfinished()).Select(segment => segment[spec.TransportOffset + 13]));
    }

    [Fact]
    public void Identification_and_sequence_wrap_around()
    {
        var spec = new FrameSpec { Identification = 0xffff, Sequence = 0xffff_fffe, Payload = FrameSpec.Bytes(30), GsoSize = 10 };
        var segments = Batches.Cut(spec.SuperHeader(), spec.Unfinished());
        Assert.Equal(["ffff", "0000", "0001"], segments.Select(segment => Convert.ToHexStringLower(segment.AsSpan(18, 2))));
        Assert.Equal(["fffffffe", "00000008", "00000012"], segments.Select(segment => Convert.ToHexStringLower(segment.AsSpan(38, 4))));
    }

    [Fact]
    public void A_udp_checksum_that_comes_out_zero_is_sent_as_ones()
    {
        var spec = new FrameSpec { IsUdp = true, Payload = new byte[6], GsoSize = 4 };
        var needed = Naive.Complement([.. (spec with { Payload = [0, 0, 0, 0] }).Finished()[34..42][..6], 0, 0], Naive.PseudoHeader([10, 0, 0, 1, 10, 0, 0, 2], 17, 12));
        spec = spec with { Payload = [(byte)(needed >> 8), (byte)needed, 0, 0, 1, 2] };
        var first = Batches.Cut(spec.SuperHeader(), spec.Unfinished())[0];
        Assert.Equal([0xff, 0xff], first[40..42]);
        Assert.Equal(spec.Segments()[0], first);
    }

    [Fact]
    public void The_counts_are_told_beforehand()
    {
        var spec = new FrameSpec { Tags = [0x8100_0005], TcpOptions = FrameSpec.Timestamps, Payload = FrameSpec.Bytes(2001), GsoSize = 1000 };
        var header = spec.SuperHeader();
        var frame = spec.Unfinished();
        var segmenter = new Segmenter(header, frame);
        Assert.Equal(3, segmenter.Count);
        Assert.Equal(3, Segmenter.CountSegments(header, frame));
        Assert.Equal(spec.HeaderLength + 1000, segmenter.MaxSegmentLength);
    }

    [Fact]
    public void A_destination_that_is_too_short_is_refused_and_nothing_is_lost()
    {
        var spec = FiveTimesThousand;
        var segmenter = new Segmenter(spec.SuperHeader(), spec.Unfinished());
        var refused = false;
        try
        {
            segmenter.Next(new byte[segmenter.MaxSegmentLength - 1], out _);
        }
        catch (ArgumentException)
        {
            refused = true;
        }

        Assert.True(refused);
        var destination = new byte[segmenter.MaxSegmentLength];
        Assert.True(segmenter.Next(destination, out var length));
        Assert.Equal(spec.Segments()[0], destination[..length]);
    }

    [Fact]
    public void Bytes_behind_the_packet_get_into_no_segment()
    {
        var spec = FiveTimesThousand with { GsoSize = 999 };
        Assert.Equal(spec.Segments(), Batches.Cut(spec.SuperHeader(), [.. spec.Unfinished(), 1, 2, 3]));
    }

    [Fact]
    public void What_is_no_super_frame_has_no_segments()
    {
        var spec = FiveTimesThousand;
        Assert.Empty(Batches.Cut(default, spec.Finished()));
        Assert.Empty(Batches.Cut(spec.PartialHeader(), spec.Unfinished()));
        Assert.Empty(Batches.Cut(spec.SuperHeader() with { GsoSize = 0 }, spec.Unfinished()));
        Assert.Empty(Batches.Cut(spec.SuperHeader() with { GsoType = GsoType.UdpL4 }, spec.Unfinished()));
        Assert.Empty(Batches.Cut(spec.SuperHeader(), []));
    }

    [Fact]
    public void Every_segment_is_the_frame_written_from_scratch_and_its_checksums_are_right() =>
        Specs.Check(Specs.SuperFramesWithOptions, 400, spec =>
        {
            var segments = Batches.Cut(spec.SuperHeader(), spec.Unfinished());
            var expected = spec.Segments();
            Assert.Equal(expected.Count, segments.Count);
            for (var i = 0; i < segments.Count; i++)
            {
                Assert.Equal(expected[i], segments[i]);
                Assert.True(Naive.ChecksumsAreRight(segments[i], spec.NetworkOffset, spec.TransportOffset));
            }
        });
}
