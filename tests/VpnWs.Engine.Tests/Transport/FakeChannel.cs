using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using System.Threading.Channels;
using Channel = VpnWs.Transport.Channel;

namespace VpnWs.Tests.Transport;

/// <summary>A connection whose kernel is the test: it takes as many bytes at once as it is told, the rest waits until it is let go.</summary>
internal sealed class FakeChannel : Channel
{
    private readonly List<byte> _sent = [];
    private readonly Channel<byte[]> _incoming = System.Threading.Channels.Channel.CreateUnbounded<byte[]>();
    private TaskCompletionSource _drained = new();
    private int _room = int.MaxValue;

    /// <summary>How many bytes go out without waiting; at int.MaxValue any number.</summary>
    public int Room
    {
        get => _room;
        set
        {
            _room = value;
            if (value == 0) _drained = new TaskCompletionSource();
        }
    }

    /// <summary>What sending throws, or null.</summary>
    public Exception? Fault { get; set; }

    public bool IsDisposed { get; private set; }

    /// <summary>The length of each send that was begun.</summary>
    public List<int> Sends { get; } = [];

    /// <summary>When bytes went out, in milliseconds, and how many there were then.</summary>
    public ConcurrentQueue<(long Time, int Length)> Times { get; } = new();

    public byte[] Sent
    {
        get
        {
            lock (_sent) return [.. _sent];
        }
    }

    /// <summary>Lets bytes be received; none at all end the stream.</summary>
    public void Bring(params byte[] bytes) => _incoming.Writer.TryWrite(bytes);

    /// <summary>Lets what waits go out, and everything after it.</summary>
    public void Drain()
    {
        _room = int.MaxValue;
        _drained.TrySetResult();
    }

    public override int TrySend(ReadOnlySpan<byte> data)
    {
        if (Fault is not null) throw Fault;
        Sends.Add(data.Length);
        var taken = Math.Min(data.Length, _room);
        Take(data[..taken]);
        if (_room != int.MaxValue) _room -= taken;
        return taken;
    }

    public override async ValueTask SendAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        if (_room != int.MaxValue) await _drained.Task.ConfigureAwait(false);
        if (Fault is not null) throw Fault;
        Take(data.Span);
    }

    public override async ValueTask<int> WaitAsync(CancellationToken cancellationToken)
    {
        if (!await _incoming.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false)) throw new SocketException((int)SocketError.OperationAborted);
        return 0;
    }

    public override async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var bytes = await _incoming.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        bytes.CopyTo(buffer);
        return bytes.Length;
    }

    public override ValueTask ShutdownSendAsync() => ValueTask.CompletedTask;

    public override void Dispose()
    {
        IsDisposed = true;
        _incoming.Writer.TryComplete();
        _drained.TrySetResult();
    }

    private void Take(ReadOnlySpan<byte> data)
    {
        lock (_sent) _sent.AddRange(data);
        if (!data.IsEmpty) Times.Enqueue((Stopwatch.GetTimestamp() * 1000 / Stopwatch.Frequency, data.Length));
    }
}
