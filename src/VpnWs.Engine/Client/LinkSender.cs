using VpnWs.Switching;
using VpnWs.Taps;
using VpnWs.WebSockets;

namespace VpnWs.Client;

/// <summary>
/// The sending half of a client's link. The thread that has drained the tap writes out what was there, as long as the connection takes it
/// at once; else a thread of its own writes, so that the tap is drained on and its newest frames can go before older ones.
/// </summary>
internal sealed class LinkSender : IDisposable
{
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(1);

    private readonly ClientConnection _connection;
    private readonly Action<Exception> _failed;
    private readonly SendQueue _queue = new();
    private readonly TapReader _reader;
    private readonly MaskKeySource _controlKeys = new();
    private readonly Lock _gate = new();
    private readonly Lock _controlGate = new();
    private readonly AutoResetEvent _handedOver = new(false);
    private Thread? _writer;
    private SendChunk? _partSent;
    private int _isWriting;
    private volatile bool _closed;
    private volatile bool _ended;
    private long _lastSent = Environment.TickCount64;

    /// <param name="connection">The connection after its handshake.</param>
    /// <param name="counters">What is read from the tap counts as received, what is dropped as dropped.</param>
    /// <param name="failed">Told when writing fails, but for what <see cref="Pump"/> throws.</param>
    public LinkSender(ClientConnection connection, PortCounters counters, Action<Exception> failed)
    {
        _connection = connection;
        _failed = failed;
        _reader = new TapReader(connection.HasOffload, _queue, counters);
    }

    /// <summary>When something was last written, in monotonic milliseconds.</summary>
    public long LastSent => Volatile.Read(ref _lastSent);

    /// <summary>How many bytes wait to be sent.</summary>
    public int QueuedBytes => _queue.Length;

    /// <summary>Reads the tap until it is empty and sends what was there; after a close frame, or <see cref="Dispose"/>, it is thrown away, a part at a time.</summary>
    /// <returns>What the tap said last.</returns>
    /// <exception cref="IOException">The connection is gone.</exception>
    public TapStatus Pump(ITap tap)
    {
        TapStatus status;
        lock (_gate)
        {
            bool isOver;
            do
            {
                isOver = _ended || _closed;
                status = isOver ? _reader.Discard(tap) : _reader.Fill(tap);
                if (_ended) return status;
                Send();
            }
            while (status == TapStatus.Done && !isOver);
        }

        return status;
    }

    /// <summary>Sends nothing from now on. When this returns nobody uses the connection any more, which must have been aborted so that a write under way ends.</summary>
    public void Dispose()
    {
        _ended = true;
        lock (_gate)
        {
            // Whoever pumped has seen it.
        }

        lock (_controlGate)
        {
            _handedOver.Set();
            if (_writer is not null && Thread.CurrentThread != _writer) _writer.Join();
        }

        _handedOver.Dispose();
    }

    /// <summary>Sends a ping or a pong, before what waits. Where many wait, the latest are dropped (RFC 6455 section 5.5.3 allows it).</summary>
    public void SendControl(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        Span<byte> message = stackalloc byte[FrameWriter.MaxControlFrameLength];
        lock (_controlGate)
        {
            if (_closed || _ended) return;
            _ = _queue.TryAddControl(message[..FrameWriter.WriteControl(message, opcode, payload, _controlKeys.Next())]);
        }

        Send();
    }

    /// <summary>Sends a close frame, behind what waits unless that takes too long; nothing is sent after it.</summary>
    public void SendClose(ushort code, string reason)
    {
        lock (_controlGate)
        {
            if (_closed || _ended) return;
            _closed = true;
            var last = _queue.Rent();
            last.Commit(FrameWriter.WriteClose(last.Room, code, reason, _controlKeys.Next()));
            _queue.Finish(last);
        }

        Send();
        // The connection ends next: what was left to the other thread would be lost.
        SpinWait.SpinUntil(() => Volatile.Read(ref _isWriting) == 0 || _ended, CloseTimeout);
    }

    /// <summary>Writes what waits if the connection takes it at once, or leaves it to the thread that waits for it. Who comes while another writes has nothing to do.</summary>
    private void Send()
    {
        while (!_queue.IsEmpty && Interlocked.Exchange(ref _isWriting, 1) == 0)
        {
            if (!TryWriteAll())
            {
                HandOver();
                return;
            }

            // What was added meanwhile found this thread writing.
            Volatile.Write(ref _isWriting, 0);
        }
    }

    private bool TryWriteAll()
    {
        try
        {
            return WriteAll(mayWait: false);
        }
        catch
        {
            _ended = true;
            throw;
        }
    }

    private void HandOver()
    {
        lock (_controlGate)
        {
            if (_ended) return;
            if (_writer is null)
            {
                _writer = new Thread(RunWriter) { IsBackground = true, Name = "vpn-ws out" };
                _writer.Start();
            }

            _handedOver.Set();
        }
    }

    private void RunWriter()
    {
        try
        {
            while (true)
            {
                _handedOver.WaitOne();
                do
                {
                    if (_ended) return;
                    WriteAll(mayWait: true);
                    Volatile.Write(ref _isWriting, 0);
                }
                while (!_queue.IsEmpty && Interlocked.Exchange(ref _isWriting, 1) == 0);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            _ended = true;
            _failed(e);
        }
    }

    /// <summary>Writes until nothing waits; false where that would have meant to wait.</summary>
    private bool WriteAll(bool mayWait)
    {
        while (!_ended)
        {
            if (_partSent is null && _queue.IsEmpty) return true;
            if (!mayWait && !_connection.IsWritable) return false;
            var express = _queue.TakeExpress();
            if (!express.IsEmpty) Write(express);
            _partSent ??= _queue.TakeChunk();
            if (_partSent is null)
            {
                if (express.IsEmpty) return true;
                continue;
            }

            Write(_partSent.NextSlice(whole: !mayWait, out var isLast));
            if (!isLast) continue;
            _queue.Return(_partSent);
            _partSent = null;
        }

        return true;
    }

    private void Write(ReadOnlySpan<byte> data)
    {
        _connection.Send(data);
        Volatile.Write(ref _lastSent, Environment.TickCount64);
    }
}
