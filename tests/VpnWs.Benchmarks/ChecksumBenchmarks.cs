using BenchmarkDotNet.Attributes;
using VpnWs.Ethernet;

namespace VpnWs.Benchmarks;

/// <summary>The Internet checksum (RFC 1071), alone and on the way to another buffer.</summary>
public class ChecksumBenchmarks
{
    private readonly byte[] _source = new byte[SampleFrames.Super];
    private readonly byte[] _target = new byte[SampleFrames.Super];

    [Params(SampleFrames.Small, SampleFrames.SegmentPayload, SampleFrames.Super)]
    public int Length { get; set; }

    [Benchmark]
    public ulong Sum() => InternetChecksum.Sum(_source.AsSpan(0, Length));

    [Benchmark]
    public ulong CopyAndSum() => InternetChecksum.CopyAndSum(_source.AsSpan(0, Length), _target);
}
