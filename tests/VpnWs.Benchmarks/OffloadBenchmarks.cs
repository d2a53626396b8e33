using BenchmarkDotNet.Attributes;
using VpnWs.Ethernet;
using VpnWs.Offload;

namespace VpnWs.Benchmarks;

/// <summary>A super-frame of 64 KiB: checked as it comes from the network, cut into its 45 segments, and made of them again.</summary>
[MemoryDiagnoser]
public class OffloadBenchmarks
{
    private readonly byte[] _scratch = new byte[PacketLayout.MaxFrameLength];
    private readonly Coalescer _coalescer = new(mergeUdp: true);
    private readonly List<byte[]> _segments = [];
    private VirtioNetHeader _header;
    private byte[] _frame = [];

    [GlobalSetup]
    public void SetUp()
    {
        (_header, _frame) = SampleFrames.TcpSuperFrame(new MacAddress(0x02_00_00_00_00_01), new MacAddress(0x02_00_00_00_00_02));
        var segmenter = new Segmenter(_header, _frame);
        while (segmenter.Next(_scratch, out var length)) _segments.Add(_scratch[..length]);
        var sink = default(CountingSink);
        CoalesceInto(ref sink);
        if (_segments.Count != 45 || sink.Frames != 1 || sink.Bytes != _frame.Length || !Validate())
            throw new InvalidOperationException($"{_segments.Count} segments made {sink.Frames} frames of {sink.Bytes} bytes");
    }

    [Benchmark]
    public bool Validate()
    {
        var header = _header;
        return OffloadValidator.TryNormalize(ref header, _frame, out _);
    }

    [Benchmark]
    public int Segment()
    {
        var bytes = 0;
        var segmenter = new Segmenter(_header, _frame);
        while (segmenter.Next(_scratch, out var length)) bytes += length;
        return bytes;
    }

    [Benchmark]
    public int Coalesce()
    {
        var sink = default(CountingSink);
        CoalesceInto(ref sink);
        return sink.Bytes;
    }

    private void CoalesceInto(ref CountingSink sink)
    {
        foreach (var segment in _segments) _coalescer.Add(default, segment, ref sink);
        _coalescer.Flush(ref sink);
    }

    private struct CountingSink : IFrameSink
    {
        public int Frames;
        public int Bytes;

        public void Accept(in VirtioNetHeader header, ReadOnlySpan<byte> frame)
        {
            Frames++;
            Bytes += frame.Length;
        }
    }
}
