namespace VpnWs.Client;

/// <summary>Where a frame goes.</summary>
internal enum SendLane
{
    /// <summary>Into the chunk that is being filled.</summary>
    Chunk,

    /// <summary>Past what waits.</summary>
    Express,

    /// <summary>Nowhere: too much waits.</summary>
    Drop,
}

/// <summary>
/// What waits to be sent on a client's link. It is bounded, because what is sent too fast must be lost early for its sender to notice; and small
/// frames of conversations that have nothing else waiting go past the rest (as sparse flows do in RFC 8290), so that a ping does not wait behind
/// a transfer. Frames of one conversation stay in order. Any thread may use it.
/// </summary>
internal sealed class SendQueue
{
    private const int Limit = 2 * 1024 * 1024;
    private const int ExpressFrame = 256;
    private const int ExpressLength = 16 * 1024;
    private const int ControlReserve = 4096;
    private const int Conversations = 1024;
    private const int SpareChunks = 3;

    private readonly Lock _gate = new();
    private readonly Queue<SendChunk> _chunks = new();
    private readonly Stack<SendChunk> _spare = new();
    private readonly long[] _waitsIn = new long[Conversations];
    private byte[] _express = new byte[ExpressLength + ControlReserve];
    private byte[] _expressOnItsWay = new byte[ExpressLength + ControlReserve];
    private SendChunk? _tail;
    private int _expressLength;
    private int _waiting;
    private long _lastSent;
    private long _sequence = 1;
    private bool _closed;

    /// <summary>How many bytes wait, those on their way included.</summary>
    public int Length
    {
        get
        {
            lock (_gate) return _waiting + _expressLength;
        }
    }

    /// <summary>Whether there is anything to take.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_gate) return _chunks.Count == 0 && _expressLength == 0;
        }
    }

    /// <summary>An empty chunk to fill.</summary>
    public SendChunk Rent()
    {
        lock (_gate) return _spare.TryPop(out var spare) ? spare : new SendChunk();
    }

    /// <summary>Says where the next frame goes.</summary>
    /// <param name="flow">Its conversation.</param>
    /// <param name="length">Its length.</param>
    /// <param name="filled">How much the chunk that is being filled has already.</param>
    public SendLane Choose(uint flow, int length, int filled)
    {
        ref var waitsIn = ref _waitsIn[flow % Conversations];
        lock (_gate)
        {
            var isSparse = length <= ExpressFrame && waitsIn <= _lastSent;
            if (isSparse && _waiting > 0 && _expressLength + (2 * ExpressFrame) <= ExpressLength) return SendLane.Express;
            var waiting = _waiting + filled;
            if (waiting > 0 && waiting + length > Limit) return SendLane.Drop;
            waitsIn = _sequence;
            return SendLane.Chunk;
        }
    }

    /// <summary>Adds an encoded message of the express lane; false where answers to pings have filled it meanwhile.</summary>
    public bool TryAddExpress(ReadOnlySpan<byte> message) => TryAdd(message, ExpressLength);

    /// <summary>Adds an encoded control frame; false where too many wait.</summary>
    public bool TryAddControl(ReadOnlySpan<byte> message) => TryAdd(message, ExpressLength + ControlReserve);

    /// <summary>Adds a filled chunk at the end.</summary>
    /// <returns>A chunk to fill next.</returns>
    public SendChunk Add(SendChunk chunk)
    {
        lock (_gate)
        {
            if (_closed)
            {
                chunk.Clear();
                return chunk;
            }

            chunk.Sequence = _sequence++;
            _waiting += chunk.Length;
            if (_tail is not null && _tail.TryAppend(chunk))
            {
                chunk.Clear();
                return chunk;
            }

            _chunks.Enqueue(chunk);
            _tail = chunk;
            return _spare.TryPop(out var spare) ? spare : new SendChunk();
        }
    }

    /// <summary>Adds the last chunk of all; what is added later is thrown away.</summary>
    public void Finish(SendChunk last)
    {
        lock (_gate)
        {
            if (_closed) return;
            _ = Add(last);
            _closed = true;
        }
    }

    /// <summary>Takes what waits in the express lane; it is valid until the next call. Empty where nothing does.</summary>
    public ReadOnlySpan<byte> TakeExpress()
    {
        lock (_gate)
        {
            var length = _expressLength;
            _expressLength = 0;
            (_express, _expressOnItsWay) = (_expressOnItsWay, _express);
            return _expressOnItsWay.AsSpan(0, length);
        }
    }

    /// <summary>Takes the oldest chunk, or null. It counts as waiting until it is returned.</summary>
    public SendChunk? TakeChunk()
    {
        lock (_gate)
        {
            if (!_chunks.TryDequeue(out var chunk)) return null;
            if (ReferenceEquals(chunk, _tail)) _tail = null;
            return chunk;
        }
    }

    /// <summary>Gives a sent chunk back.</summary>
    public void Return(SendChunk chunk)
    {
        lock (_gate)
        {
            _waiting -= chunk.Length;
            _lastSent = chunk.Sequence;
            chunk.Clear();
            if (_spare.Count < SpareChunks) _spare.Push(chunk);
        }
    }

    private bool TryAdd(ReadOnlySpan<byte> message, int bound)
    {
        lock (_gate)
        {
            if (_closed || _expressLength + message.Length > bound) return false;
            message.CopyTo(_express.AsSpan(_expressLength));
            _expressLength += message.Length;
            return true;
        }
    }
}
