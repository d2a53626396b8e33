using VpnWs.Ethernet;
using VpnWs.Offload;

namespace VpnWs.Tests.Offload;

public sealed class CoalescerTests
{
    private static readonly FrameSpec First = new() { TcpOptions = FrameSpec.Timestamps, Payload = FrameSpec.Bytes(100), GsoSize = 100 };

    // The frame that continues First.
    private static readonly FrameSpec Second = Next(First, 1);

    private static readonly FrameSpec FirstIPv6 = First with { IsIPv6 = true };
    private static readonly FrameSpec FirstUdp = First with { IsUdp = true, TcpOptions = [] };

    private static readonly Dictionary<string, (FrameSpec First, FrameSpec Second)> NotJoined = new()
    {
        ["a gap in the sequence"] = (First, Second with { Sequence = Second.Sequence + 1 }),
        ["the same sequence again"] = (First, Second with { Sequence = First.Sequence }),
        ["a longer payload"] = (First, Second with { Payload = FrameSpec.Bytes(101) }),
        ["another acknowledgment"] = (First, Second with { Acknowledgment = 8 }),
        ["another window"] = (First, Second with { Window = 501 }),
        ["other options"] = (First, Second with { TcpOptions = [.. FrameSpec.Timestamps[..^1], 0] }),
        ["options of another length"] = (First, Second with { TcpOptions = [] }),
        ["ECE"] = (First, Second with { Flags = 0x50 }),
        ["CWR on the second"] = (First with { Flags = 0x90 }, Second with { Flags = 0x90 }),
        ["PSH on the first"] = (First with { Flags = 0x18 }, Second),
        ["FIN on the first"] = (First with { Flags = 0x11 }, Second),
        ["no payload"] = (First, Second with { Payload = [] }),
        ["SYN"] = (First, Second with { Flags = 0x12 }),
        ["RST"] = (First, Second with { Flags = 0x14 }),
        ["URG"] = (First with { Flags = 0x30 }, Second with { Flags = 0x30 }),
        ["another type of service"] = (First, Second with { TypeOfService = 1 }),
        ["another time to live"] = (First, Second with { TimeToLive = 63 }),
        ["another DF"] = (First, Second with { Fragment = 0 }),
        ["an ID that jumps"] = (First, Second with { Identification = 0x1236 }),
        ["the same ID without DF"] = (First with { Fragment = 0 }, Second with { Fragment = 0, Identification = First.Identification }),
        ["a fragment"] = (First, Second with { Fragment = 0x2000 }),
        ["IPv4 options"] = (First with { NetworkOptions = new byte[4] }, Second with { NetworkOptions = new byte[4] }),
        ["a tag"] = (First, Second with { Tags = [0x8100_0001] }),
        ["another tag"] = (First with { Tags = [0x8100_0001] }, Second with { Tags = [0x8100_0002] }),
        ["another port"] = (First, Second with { SourcePort = 1001 }),
        ["another protocol"] = (First, Second with { IsUdp = true, TcpOptions = [] }),
        ["seven bytes of payload each"] = (First with { Payload = new byte[7] }, Second with { Payload = new byte[7], Sequence = First.Sequence + 7 }),
        ["IPv6: another traffic class"] = (FirstIPv6, Next(FirstIPv6, 1) with { TypeOfService = 1 }),
        ["IPv6: another hop limit"] = (FirstIPv6, Next(FirstIPv6, 1) with { TimeToLive = 63 }),
        ["IPv6: extension headers"] = (FirstIPv6 with { NetworkOptions = [6, 0, 1, 4, 0, 0, 0, 0] }, Next(FirstIPv6, 1) with { NetworkOptions = [6, 0, 1, 4, 0, 0, 0, 0] }),
        ["UDP: a longer payload"] = (FirstUdp, Next(FirstUdp, 1) with { Payload = FrameSpec.Bytes(101) }),
        ["UDP: an ID that jumps"] = (FirstUdp, Next(FirstUdp, 2)),
        ["UDP: no payload"] = (FirstUdp with { Payload = [] }, Next(FirstUdp, 1) with { Payload = [] }),
    };

    public static TheoryData<string> NotJoinedNames => [.. NotJoined.Keys];

    [Fact]
    public void Coalesce_of_segment_is_the_identity_and_nothing_is_left_over_for_the_next_run()
    {
        var coalescer = new Coalescer(true);
        Specs.Check(Specs.SuperFrames, 400, spec =>
        {
            var (header, frame) = Assert.Single(Batches.JoinPlain(coalescer, Batches.Cut(spec.SuperHeader(), spec.Unfinished())));
            Assert.Equal(spec.SuperHeader(), header);
            Assert.Equal(spec.Unfinished(), frame);
        });
    }

    [Fact]
    public void Frames_with_unfinished_checksums_are_joined_alike() =>
        Specs.Check(Specs.SuperFrames, 200, spec =>
        {
            var parts = spec.Segments().Select((segment, index) =>
            {
                segment.AsSpan(spec.PartialHeader().ChecksumStart + spec.PartialHeader().ChecksumOffset, 2).Fill((byte)index);
                return (spec.PartialHeader(), segment);
            });
            var (header, frame) = Assert.Single(Batches.Join(new Coalescer(true), parts));
            Assert.Equal(spec.SuperHeader(), header);
            Assert.Equal(spec.Unfinished(), frame);
        });

    [Theory]
    [MemberData(nameof(NotJoinedNames))]
    public void What_does_not_continue_the_first_frame_is_left_alone(string name)
    {
        var (first, second) = NotJoined[name];
        Assert.Equal([first.Finished(), second.Finished()], Plain(Batches.JoinPlain(new Coalescer(true), [first.Finished(), second.Finished()])));
    }

    [Theory]
    [InlineData("FF-FF-FF-FF-FF-FF")]
    [InlineData("01-00-5E-00-00-FB")]
    public void Datagrams_to_a_group_are_left_alone_for_they_are_read_below_the_sockets_too(string group)
    {
        var frames = new[] { FirstUdp.Finished(), Next(FirstUdp, 1).Finished() };
        Assert.Single(Batches.JoinPlain(new Coalescer(true), frames));
        foreach (var frame in frames) MacAddress.Parse(group, null).CopyTo(frame);
        Assert.Equal(frames, Plain(Batches.JoinPlain(new Coalescer(true), frames)));
    }

    [Fact]
    public void The_second_frame_of_the_table_is_joined_as_it_is()
    {
        Assert.Single(Batches.JoinPlain(new Coalescer(true), [First.Finished(), Second.Finished()]));
        Assert.Single(Batches.JoinPlain(new Coalescer(true), [FirstIPv6.Finished(), Next(FirstIPv6, 1).Finished()]));
        Assert.Single(Batches.JoinPlain(new Coalescer(true), [FirstUdp.Finished(), Next(FirstUdp, 1).Finished()]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_wrong_checksum_is_never_joined(int wrong)
    {
        byte[][] frames = [First.Finished(), Second.Finished()];
        frames[wrong][^1] ^= 1;
        Assert.Equal(frames, Plain(Batches.JoinPlain(new Coalescer(true), frames)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_wrong_checksum_of_the_IPv4_header_is_never_joined(int wrong)
    {
        byte[][] frames = [First.Finished(), Second.Finished()];
        frames[wrong][First.NetworkOffset + 10] ^= 1;
        Assert.Equal(frames, Plain(Batches.JoinPlain(new Coalescer(true), frames)));
    }

    [Fact]
    public void A_bad_frame_in_the_middle_breaks_the_run_and_keeps_the_order()
    {
        var frames = Enumerable.Range(0, 5).Select(i => Next(First, i).Finished()).ToArray();
        frames[2][^1] ^= 1;
        var joined = Batches.JoinPlain(new Coalescer(true), frames);
        Assert.Equal(3, joined.Count);
        Assert.Equal(frames[..2], Batches.Cut(joined[0].Header, joined[0].Frame));
        Assert.Equal(frames[2], joined[1].Frame);
        Assert.Equal(frames[3..], Batches.Cut(joined[2].Header, joined[2].Frame));
    }

    [Fact]
    public void A_datagram_without_a_checksum_is_left_alone()
    {
        byte[][] frames = [FirstUdp.Finished(), Next(FirstUdp, 1).Finished()];
        foreach (var frame in frames) frame.AsSpan(FirstUdp.TransportOffset + 6, 2).Clear();
        Assert.Equal(frames, Plain(Batches.JoinPlain(new Coalescer(true), frames)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_padded_frame_is_left_alone(int padded)
    {
        byte[][] frames = [First.Finished(), Second.Finished()];
        frames[padded] = [.. frames[padded], 0];
        Assert.Equal(frames, Plain(Batches.JoinPlain(new Coalescer(true), frames)));
    }

    [Fact]
    public void A_datagram_whose_length_is_wrong_is_left_alone()
    {
        List<(VirtioNetHeader, byte[])> frames = [(FirstUdp.PartialHeader(), FirstUdp.Unfinished()), (FirstUdp.PartialHeader(), Next(FirstUdp, 1).Unfinished())];
        frames[1].Item2[FirstUdp.TransportOffset + 5]--;
        AssertSame(frames, Batches.Join(new Coalescer(true), frames));
    }

    [Fact]
    public void Udp_is_left_alone_where_the_tap_does_not_know_it()
    {
        byte[][] frames = [FirstUdp.Finished(), Next(FirstUdp, 1).Finished()];
        Assert.Equal(frames, Plain(Batches.JoinPlain(new Coalescer(false), frames)));
    }

    [Fact]
    public void Packets_that_all_have_one_ID_and_DF_are_joined()
    {
        var frames = Enumerable.Range(0, 3).Select(i => (Next(First, i) with { Identification = 0 }).Finished());
        Assert.Single(Batches.JoinPlain(new Coalescer(true), frames));
        ushort[] turning = [0, 1, 1];
        frames = turning.Select((id, i) => (Next(First, i) with { Identification = id }).Finished());
        Assert.Equal(2, Batches.JoinPlain(new Coalescer(true), frames).Count);
        turning = [0, 0, 2];
        frames = turning.Select((id, i) => (Next(First, i) with { Identification = id }).Finished());
        Assert.Equal(2, Batches.JoinPlain(new Coalescer(true), frames).Count);
    }

    [Theory]
    [InlineData(0x18)]
    [InlineData(0x11)]
    [InlineData(0x19)]
    public void PSH_and_FIN_end_the_run_at_once_and_are_in_it(byte flags)
    {
        var coalescer = new Coalescer(true);
        var sink = new CollectingSink();
        coalescer.Add(default, First.Finished(), ref sink);
        coalescer.Add(default, (Second with { Flags = flags }).Finished(), ref sink);
        var (_, frame) = Assert.Single(sink.Frames);
        Assert.Equal(flags, frame[First.TransportOffset + 13]);
        coalescer.Add(default, Next(First, 2).Finished(), ref sink);
        coalescer.Flush(ref sink);
        Assert.Equal(2, sink.Frames.Count);
    }

    [Fact]
    public void A_shorter_frame_ends_the_run()
    {
        var coalescer = new Coalescer(true);
        var sink = new CollectingSink();
        coalescer.Add(default, First.Finished(), ref sink);
        coalescer.Add(default, (Second with { Payload = FrameSpec.Bytes(99) }).Finished(), ref sink);
        Assert.Single(sink.Frames);
        Assert.Equal(100, sink.Frames[0].Header.GsoSize);
    }

    [Fact]
    public void Flows_are_kept_apart_and_come_out_in_the_order_they_began()
    {
        var other = First with { SourcePort = 2, Payload = FrameSpec.Bytes(60) };
        var frames = Enumerable.Range(0, 10).SelectMany(i => new[] { Next(First, i).Finished(), Next(other, i).Finished(), Next(FirstUdp, i).Finished() });
        var coalescer = new Coalescer(true);
        var joined = Batches.JoinPlain(coalescer, frames);
        Assert.Equal([100, 60, 100], joined.Select(item => (int)item.Header.GsoSize));
        Assert.Equal([GsoType.TcpV4, GsoType.TcpV4, GsoType.UdpL4], joined.Select(item => item.Header.GsoType));
        Assert.Equal(3, coalescer.SuperFrames);
        Assert.Equal(30, coalescer.FramesCoalesced);
    }

    [Fact]
    public void A_frame_that_is_not_joined_waits_for_its_flow_and_for_no_other()
    {
        var other = First with { SourcePort = 2 };
        var ack = Next(First, 2) with { Payload = [] };
        byte[] arp = [.. First.Finished()[..12], 8, 6, .. new byte[28]];
        var joined = Batches.JoinPlain(new Coalescer(true), [First.Finished(), other.Finished(), Second.Finished(), arp, ack.Finished(), Next(other, 1).Finished()]);
        Assert.Equal(arp, joined[0].Frame);
        Assert.Equal([First.Finished(), Second.Finished()], Batches.Cut(joined[1].Header, joined[1].Frame));
        Assert.Equal(ack.Finished(), joined[2].Frame);
        Assert.Equal([other.Finished(), Next(other, 1).Finished()], Batches.Cut(joined[3].Header, joined[3].Frame));
        Assert.Equal(4, joined.Count);
    }

    [Fact]
    public void A_super_frame_waits_for_its_flow_and_passes()
    {
        var super = Next(First, 2) with { Payload = FrameSpec.Bytes(1000) };
        var joined = Batches.Join(new Coalescer(true), [(default, First.Finished()), (default, Second.Finished()), (super.SuperHeader(), super.Unfinished())]);
        Assert.Equal(2, joined.Count);
        AssertSame([(super.SuperHeader(), super.Unfinished())], joined[1..]);
    }

    [Fact]
    public void A_frame_alone_comes_out_with_the_header_it_came_with()
    {
        AssertSame([(default, First.Finished())], Batches.JoinPlain(new Coalescer(true), [First.Finished()]));
        AssertSame([(First.PartialHeader(), First.Unfinished())], Batches.Join(new Coalescer(true), [(First.PartialHeader(), First.Unfinished())]));
    }

    [Fact]
    public void A_header_with_a_strange_checksum_start_is_not_believed()
    {
        var strange = First.PartialHeader() with { ChecksumStart = 36 };
        var joined = Batches.Join(new Coalescer(true), [(strange, First.Unfinished()), (First.PartialHeader(), Second.Unfinished())]);
        AssertSame([(strange, First.Unfinished()), (First.PartialHeader(), Second.Unfinished())], joined);
    }

    [Fact]
    public void The_oldest_flow_gives_way_when_there_are_too_many()
    {
        var coalescer = new Coalescer(true, flows: 3);
        var frames = Enumerable.Range(0, 2).SelectMany(i => Enumerable.Range(1, 4).Select(port => (Next(First, i) with { SourcePort = (ushort)port }).Finished())).ToList();
        var joined = Batches.JoinPlain(coalescer, frames);
        Assert.Equal([1, 2, 3, 4, 1, 2, 3, 4], joined.Select(item => (int)item.Frame[First.TransportOffset + 1]));
        Assert.All(joined, item => Assert.Equal(default, item.Header));
    }

    [Fact]
    public void A_super_frame_never_outgrows_an_IP_packet()
    {
        var spec = First with { Tags = [0x8100_0001, 0x8100_0002], TcpOptions = [], Payload = FrameSpec.Bytes(1448), GsoSize = 1448 };
        var frames = Enumerable.Range(0, 60).Select(i => Next(spec, i).Finished()).ToList();
        var joined = Batches.JoinPlain(new Coalescer(true), frames);
        Assert.Equal(2, joined.Count);
        Assert.Equal(spec.HeaderLength + (45 * 1448), joined[0].Frame.Length);
        Assert.Equal(frames, joined.SelectMany(item => Batches.Cut(item.Header, item.Frame)));
    }

    [Fact]
    public void The_longest_super_frame_of_all_is_made_whole()
    {
        var spec = First with { Tags = [0x8100_0001, 0x8100_0002], TcpOptions = [], Payload = FrameSpec.Bytes(65_495), GsoSize = 4095 };
        var (header, frame) = Assert.Single(Batches.JoinPlain(new Coalescer(true), spec.Segments()));
        Assert.Equal(65_557, frame.Length);
        Assert.True(OffloadValidator.IsValid(header, frame, out _));
    }

    [Theory]
    [InlineData(true, 64)]
    [InlineData(false, 1024)]
    public void The_number_of_frames_in_a_super_frame_is_bounded(bool isUdp, int most)
    {
        var spec = (isUdp ? FirstUdp : First) with { Payload = new byte[8] };
        var joined = Batches.JoinPlain(new Coalescer(true), Enumerable.Range(0, most + 1).Select(i => Next(spec, i).Finished()));
        Assert.Equal(2, joined.Count);
        Assert.Equal(spec.HeaderLength + (most * 8), joined[0].Frame.Length);
        Assert.True(OffloadValidator.IsValid(joined[0].Header, joined[0].Frame, out _));
    }

    [Fact]
    public void A_coalescer_without_flows_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => new Coalescer(true, 0));

    private static FrameSpec Next(FrameSpec first, int index) => first with
    {
        Identification = (ushort)(first.Identification + index),
        Sequence = first.Sequence + (uint)(index * first.Payload.Length),
    };

    private static void AssertSame(List<(VirtioNetHeader Header, byte[] Frame)> expected, List<(VirtioNetHeader Header, byte[] Frame)> actual)
    {
        Assert.Equal(expected.Select(item => item.Header), actual.Select(item => item.Header));
        Assert.Equal(expected.Select(item => item.Frame), actual.Select(item => item.Frame));
    }

    private static IEnumerable<byte[]> Plain(List<(VirtioNetHeader Header, byte[] Frame)> frames)
    {
        Assert.All(frames, item => Assert.Equal(default, item.Header));
        return frames.Select(item => item.Frame);
    }
}
