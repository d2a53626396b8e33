using System.Diagnostics;
using System.Threading.Channels;
using VpnWs.Offload;
using VpnWs.Taps;

namespace VpnWs.Tests.Transport;

/// <summary>What a tap brings: a frame with its offload header, all zero where the tap has none.</summary>
internal sealed record TapFrame(VirtioNetHeader Header, byte[] Frame);

/// <summary>The far end of a loopback tap: what the host behind the tap sends and receives.</summary>
internal sealed class TapEnd : IDisposable
{
    private const int HeaderLength = 10;
    private const int Room = HeaderLength + Ether.MaxLength;

    private readonly LoopbackTap _tap;
    private readonly Channel<TapFrame> _received = Channel.CreateUnbounded<TapFrame>();
    private readonly Thread _reader;

    public TapEnd(LoopbackTap tap)
    {
        _tap = tap;
        _reader = new Thread(Read) { IsBackground = true };
        _reader.Start();
    }

    /// <summary>How many frames have been received and not yet asked for.</summary>
    public int Waiting => _received.Reader.Count;

    /// <summary>Sends a frame, waiting for room while the queue is full.</summary>
    public void Send(byte[] frame, VirtioNetHeader header = default)
    {
        var bytes = frame;
        if (_tap.HasOffload)
        {
            bytes = new byte[HeaderLength + frame.Length];
            header.Write(bytes);
            frame.CopyTo(bytes, HeaderLength);
        }

        var watch = Stopwatch.StartNew();
        while (true)
        {
            var status = _tap.Write(bytes);
            if (status == TapStatus.Done) return;
            Assert.Equal(TapStatus.WouldBlock, status);
            Assert.True(watch.Elapsed < Eventually.Deadline, "Nobody reads the tap.");
            Thread.Yield();
        }
    }

    /// <summary>The next frame.</summary>
    public Task<TapFrame> Receive() => Eventually.Within("a frame arrives", _received.Reader.ReadAsync().AsTask());

    /// <summary>Wants the next frame to be this one, whole.</summary>
    public async Task Expect(byte[] frame)
    {
        var received = await Receive();
        Assert.Equal(default, received.Header);
        Assert.Equal(frame, received.Frame);
    }

    public void Dispose()
    {
        _tap.Dispose();
        _reader.Join();
    }

    private void Read()
    {
        var buffer = new byte[Room];
        var prefix = _tap.HasOffload ? HeaderLength : 0;
        while (true)
        {
            switch (_tap.Read(buffer, out var length))
            {
                case TapStatus.Done:
                    var header = prefix == 0 ? default : VirtioNetHeader.Read(buffer);
                    _received.Writer.TryWrite(new TapFrame(header, buffer[prefix..length]));
                    break;
                case TapStatus.WouldBlock:
                    _tap.Wait(-1);
                    break;
                default:
                    _received.Writer.Complete();
                    return;
            }
        }
    }
}
