using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using VpnWs.Offload;

namespace VpnWs.Tests.Offload;

/// <summary>Whatever the bytes: nothing throws, nothing is written outside its span, nothing grows.</summary>
public sealed class HostileInputTests
{
    private const byte Canary = 0xa5;
    private const int Guard = 64;

    // Pure noise seldom gets past the first check, so most cases are a good frame with some bytes changed.
    private static Gen<(VirtioNetHeader Header, byte[] Frame)> Inputs =>
        from spec in Specs.SuperFramesWithOptions
        from kind in Gen.Choose(0, 9)
        from seed in Gen.Choose(1, int.MaxValue)
        select Make(spec, kind, new Random(seed));

    [Fact]
    public void Whatever_comes_nothing_throws_and_nothing_is_written_outside() =>
        Specs.Check(Inputs, 4000, input =>
        {
            var (header, frame) = input;
            var accepted = OffloadValidator.IsValid(header, frame, out var fault);
            Assert.Equal(accepted, fault == OffloadFault.None);
            var cut = CutGuarded(header, frame);
            if (accepted && header.IsSuperFrame)
            {
                Assert.InRange(cut, 2, OffloadValidator.MaxTcpSegments);
            }

            var sink = new CountingSink();
            var coalescer = new Coalescer(true, 2);
            for (var i = 0; i < 3; i++) coalescer.Add(header, frame, ref sink);
            coalescer.Flush(ref sink);
            Assert.InRange(sink.Bytes, frame.Length, 3L * frame.Length);
            var taken = header;
            OffloadIntake.Take(ref taken, frame.ToArray());
            ChecksumFinisher.Finish(frame.ToArray(), header);
        });

    [Fact]
    public void What_was_taken_from_our_tap_passes_every_validator() =>
        Specs.Check(Inputs, 4000, input =>
        {
            var (header, frame) = input;
            if (OffloadIntake.Take(ref header, frame) is IntakeAction.Carry) Assert.True(OffloadValidator.IsValid(header, frame, out _));
        });

    [Fact]
    public void What_the_validator_accepts_is_cut_into_frames_that_each_parse_and_end_where_they_say() =>
        Specs.Check(Inputs, 2000, input =>
        {
            var (header, frame) = input;
            if (!header.IsSuperFrame || !OffloadValidator.TryNormalize(ref header, frame, out _)) return;
            var segments = Batches.Cut(header, frame);
            Assert.Equal(frame.Length - header.HeaderLength, segments.Sum(segment => segment.Length - header.HeaderLength));
            foreach (var segment in segments)
            {
                var unfinished = new VirtioNetHeader { Flags = 1, ChecksumStart = header.ChecksumStart, ChecksumOffset = header.ChecksumOffset };
                Assert.True(OffloadValidator.IsValid(unfinished, segment, out var fault), fault.ToString());
            }
        });

    private static int CutGuarded(in VirtioNetHeader header, byte[] frame)
    {
        var segmenter = new Segmenter(header, frame);
        Assert.Equal(segmenter.Count, Segmenter.CountSegments(header, frame));
        var buffer = new byte[segmenter.MaxSegmentLength + Guard];
        buffer.AsSpan().Fill(Canary);
        var count = 0;
        while (segmenter.Next(buffer.AsSpan(0, segmenter.MaxSegmentLength), out _)) count++;
        Assert.Equal(segmenter.Count, count);
        Assert.False(buffer.AsSpan(segmenter.MaxSegmentLength).ContainsAnyExcept(Canary));
        return count;
    }

    private static (VirtioNetHeader Header, byte[] Frame) Make(FrameSpec spec, int kind, Random random)
    {
        var header = spec.SuperHeader();
        var frame = spec.Unfinished();
        switch (kind)
        {
            case 0:
                var noise = new byte[VirtioNetHeader.Length + random.Next(2000)];
                random.NextBytes(noise);
                return (VirtioNetHeader.Read(noise), noise[VirtioNetHeader.Length..]);
            case 1:
                return (header, frame[..random.Next(frame.Length)]);
            case 2:
                header.GsoSize = (ushort)random.Next(ushort.MaxValue + 1);
                break;
            case 3:
                var bytes = new byte[VirtioNetHeader.Length];
                header.Write(bytes);
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                header = VirtioNetHeader.Read(bytes);
                break;
            case 4:
                frame = spec.Segments()[0];
                header = default;
                break;
            case 5:
                header = spec.PartialHeader();
                break;
            case 6:
                BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(spec.NetworkOffset + (spec.IsIPv6 ? 4 : 2)), (ushort)random.Next(ushort.MaxValue + 1));
                break;
            default:
                for (var i = random.Next(4); i >= 0; i--) frame[random.Next(Math.Min(frame.Length, spec.HeaderLength + 4))] = (byte)random.Next(256);
                break;
        }

        return (header, frame);
    }

    private struct CountingSink : IFrameSink
    {
        public long Bytes;

        public void Accept(in VirtioNetHeader header, ReadOnlySpan<byte> frame) => Bytes += frame.Length;
    }
}
