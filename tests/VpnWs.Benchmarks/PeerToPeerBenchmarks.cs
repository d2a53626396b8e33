using BenchmarkDotNet.Attributes;
using VpnWs.Ethernet;
using VpnWs.Http;
using VpnWs.Server;
using VpnWs.Switching;
using VpnWs.Transport;
using VpnWs.WebSockets;

namespace VpnWs.Benchmarks;

/// <summary>
/// What the server does between the receive from one peer and the send to another, the system calls left out: 128 KiB of masked messages are
/// copied in (as the kernel does), parsed, checked, switched, unmasked into the outbox and handed on. The time is that of the whole batch.
/// </summary>
[MemoryDiagnoser]
public class PeerToPeerBenchmarks : IDisposable
{
    private const int Others = 100;

    private readonly MacAddress _from = new(0x02_00_00_00_00_01);
    private readonly MacAddress _to = new(0x02_00_00_00_00_02);
    private readonly FlushSet _touched = new();
    private readonly NowhereChannel _channel = new();
    private readonly FrameReader _reader = new(Endpoint.Server, FrameIntake.MaxMessageLength(hasOffload: true));
    private FrameDispatcher _dispatcher = null!;
    private PeerPort _source = null!;
    private byte[] _messages = [];
    private byte[] _received = [];
    private int _count;
    private bool _hasOffload;

    [Params(SampleFrames.Small, SampleFrames.Full, SampleFrames.Super)]
    public int Length { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        var fabric = new VirtualSwitch(new SwitchOptions(), new Nobody());
        _dispatcher = new FrameDispatcher(fabric);
        _hasOffload = Length == SampleFrames.Super;
        _source = Join(fabric, 1, _from);
        for (var i = 2; i < Others; i++) Join(fabric, i, new MacAddress(_to.Value + (ulong)i - 2));
        _messages = SampleFrames.MaskedMessages(_hasOffload ? SuperMessage() : SampleFrames.Between(_from, _to, Length), out _count);
        _received = new byte[_messages.Length];
        Batch();
        if (_channel.Bytes < _count * Length) throw new InvalidOperationException($"{_channel.Bytes} bytes of {_count} frames arrived");
    }

    [Benchmark]
    public long Batch()
    {
        _messages.CopyTo(_received, 0);
        var rest = _received.AsSpan();
        while (rest.Length > 0)
        {
            _reader.Read(rest, out var item);
            if (FrameIntake.Take(item.Payload, _hasOffload, item.MaskKey, out var frame) == DropReason.None)
                _dispatcher.Dispatch(_source, ref frame, _touched, 1);
            rest = rest[item.Consumed..];
        }

        _touched.Flush(1);
        return _channel.Bytes;
    }

    public void Dispose()
    {
        _reader.Dispose();
        _channel.Dispose();
        GC.SuppressFinalize(this);
    }

    private PeerPort Join(VirtualSwitch fabric, long id, MacAddress address)
    {
        var verdict = new HandshakeVerdict.Accepted { Accept = "", Protocol = _hasOffload ? "offload" : null, Mac = address };
        var port = new PeerPort(id, _channel, new HandshakeRequest { Version = "13" }, verdict, "http", "", new VpnWsServerOptions().OutboxLimit);
        fabric.Add(port, address, 0);
        return port;
    }

    private byte[] SuperMessage()
    {
        var (header, frame) = SampleFrames.TcpSuperFrame(_from, _to);
        var message = new byte[Transport.Frame.OffloadHeaderLength + frame.Length];
        header.Write(message);
        frame.CopyTo(message, Transport.Frame.OffloadHeaderLength);
        return message;
    }

    /// <summary>A connection whose kernel takes everything at once.</summary>
    private sealed class NowhereChannel : Channel
    {
        public long Bytes { get; private set; }

        public override int TrySend(ReadOnlySpan<byte> data)
        {
            Bytes += data.Length;
            return data.Length;
        }

        public override ValueTask<int> WaitAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public override ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken) => throw new NotSupportedException();

        public override ValueTask SendAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken) => throw new NotSupportedException();

        public override ValueTask ShutdownSendAsync() => throw new NotSupportedException();

        public override void Dispose()
        {
        }
    }
}
