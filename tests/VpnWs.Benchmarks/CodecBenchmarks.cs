using BenchmarkDotNet.Attributes;
using VpnWs.Ethernet;
using VpnWs.Transport;
using VpnWs.WebSockets;

namespace VpnWs.Benchmarks;

/// <summary>A message is read from a batch of 128 KiB, and one is written.</summary>
[MemoryDiagnoser]
public class CodecBenchmarks : IDisposable
{
    private readonly FrameReader _reader = new(Endpoint.Server, FrameIntake.MaxMessageLength(hasOffload: true));
    private readonly byte[] _target = new byte[FrameWriter.MaxHeaderLength + SampleFrames.Super];
    private byte[] _payload = [];
    private byte[] _messages = [];
    private int _at;

    [Params(SampleFrames.Small, SampleFrames.Full, SampleFrames.Super)]
    public int Length { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        _payload = SampleFrames.Between(new MacAddress(0x02_00_00_00_00_01), new MacAddress(0x02_00_00_00_00_02), Length);
        _messages = SampleFrames.MaskedMessages(_payload, out _);
    }

    [Benchmark]
    public int Read()
    {
        if (_at == _messages.Length) _at = 0;
        _reader.Read(_messages.AsSpan(_at), out var result);
        _at += result.Consumed;
        return result.Payload.Length;
    }

    [Benchmark]
    public int WriteUnmasked()
    {
        var header = FrameWriter.WriteHeader(_target, Opcode.Binary, _payload.Length);
        _payload.CopyTo(_target, header);
        return header;
    }

    [Benchmark]
    public int WriteMasked()
    {
        var header = FrameWriter.WriteHeader(_target, Opcode.Binary, _payload.Length, SampleFrames.MaskKey);
        Masking.Apply(_payload, _target.AsSpan(header), SampleFrames.MaskKey);
        return header;
    }

    public void Dispose()
    {
        _reader.Dispose();
        GC.SuppressFinalize(this);
    }
}
