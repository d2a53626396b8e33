using BenchmarkDotNet.Attributes;
using VpnWs.WebSockets;

namespace VpnWs.Benchmarks;

/// <summary>Masking in place and on the way to another buffer, beside the plain copy that is the floor.</summary>
public class MaskingBenchmarks
{
    private readonly byte[] _source = new byte[SampleFrames.Super];
    private readonly byte[] _target = new byte[SampleFrames.Super];

    [Params(SampleFrames.Small, SampleFrames.Full, SampleFrames.Super)]
    public int Length { get; set; }

    [Benchmark]
    public void InPlace() => Masking.Apply(_target.AsSpan(0, Length), SampleFrames.MaskKey);

    [Benchmark]
    public void WhileCopying() => Masking.Apply(_source.AsSpan(0, Length), _target, SampleFrames.MaskKey);

    [Benchmark(Baseline = true)]
    public void Copy() => _source.AsSpan(0, Length).CopyTo(_target);
}
