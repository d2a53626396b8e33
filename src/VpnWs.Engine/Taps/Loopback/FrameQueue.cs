using System.Buffers;

namespace VpnWs.Taps;

/// <summary>A bounded queue of frames from any number of writers to one reader; its memory follows what is queued, and is used again.</summary>
internal sealed class FrameQueue(int capacity)
{
    private const int Forever = -1;

    // Not a Lock, for the reader waits on it.
    private readonly object _gate = new();
    private readonly Queue<(byte[] Buffer, int Length)> _frames = new();
    private long _overflows;
    private bool _woken;
    private bool _writersLeft;
    private bool _readerLeft;

    /// <summary>How many frames found the queue full.</summary>
    internal long Overflows
    {
        get
        {
            lock (_gate) return _overflows;
        }
    }

    /// <summary>Copies the frame to the end of the queue.</summary>
    internal TapStatus Enqueue(ReadOnlySpan<byte> frame)
    {
        lock (_gate)
        {
            if (_readerLeft || _writersLeft) return TapStatus.Gone;
            if (_frames.Count >= capacity)
            {
                _overflows++;
                return TapStatus.WouldBlock;
            }

            var buffer = ArrayPool<byte>.Shared.Rent(frame.Length);
            frame.CopyTo(buffer);
            _frames.Enqueue((buffer, frame.Length));
            if (_frames.Count == 1) Monitor.PulseAll(_gate);
            return TapStatus.Done;
        }
    }

    /// <summary>Takes the first frame; the buffer has room for the longest.</summary>
    internal TapStatus Dequeue(Span<byte> buffer, out int length)
    {
        length = 0;
        lock (_gate)
        {
            if (_readerLeft) return TapStatus.Gone;
            if (!_frames.TryDequeue(out var frame)) return _writersLeft ? TapStatus.Gone : TapStatus.WouldBlock;
            frame.Buffer.AsSpan(0, frame.Length).CopyTo(buffer);
            length = frame.Length;
            ArrayPool<byte>.Shared.Return(frame.Buffer);
            return TapStatus.Done;
        }
    }

    /// <summary>Blocks until there is a frame, either side has left, <see cref="Wake"/> was called or the time is over.</summary>
    internal void Wait(int milliseconds)
    {
        var end = Environment.TickCount64 + milliseconds;
        lock (_gate)
        {
            var left = milliseconds;
            while (!_woken && !_readerLeft && !_writersLeft && _frames.Count == 0 && left != 0)
            {
                _ = Monitor.Wait(_gate, left);
                if (milliseconds != Forever) left = (int)Math.Max(0, end - Environment.TickCount64);
            }

            _woken = false;
        }
    }

    /// <summary>Ends the present or else the next <see cref="Wait"/>.</summary>
    internal void Wake()
    {
        lock (_gate)
        {
            _woken = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>No frame will come any more; those in the queue can still be read.</summary>
    internal void EndWriting()
    {
        lock (_gate)
        {
            _writersLeft = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>No frame will be read any more: those in the queue are dropped.</summary>
    internal void EndReading()
    {
        lock (_gate)
        {
            _readerLeft = true;
            while (_frames.TryDequeue(out var frame)) ArrayPool<byte>.Shared.Return(frame.Buffer);
            Monitor.PulseAll(_gate);
        }
    }
}
