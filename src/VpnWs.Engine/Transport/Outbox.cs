using System.Buffers;
using System.Net.Sockets;
using VpnWs.WebSockets;

namespace VpnWs.Transport;

/// <summary>
/// The bytes that wait to be sent on one connection, in order and within a bound. Appending never waits; <see cref="Flush"/> sends what
/// the kernel takes and leaves the rest to a continuation. One buffer is on its way while the next is filled; an empty outbox holds none.
/// </summary>
/// <param name="channel">Takes the bytes.</param>
/// <param name="limit">The bound in bytes.</param>
/// <param name="failed">Told when the channel fails.</param>
/// <param name="budget">What all outboxes may hold together; null for no such bound.</param>
internal sealed class Outbox(Channel channel, int limit, Action<Exception> failed, OutboxBudget? budget = null)
{
    /// <summary>What control frames may go over the bound, so that a full outbox still pongs and closes.</summary>
    private const int ControlReserve = 4096;

    /// <summary>How much is sent between two looks at how far the outbox has drained.</summary>
    private const int SendSlice = 64 * 1024;

    /// <summary>How long a sender may be made to wait for room, and for how long not again after that was in vain; in milliseconds.</summary>
    private const int Patience = 10;
    private const int SlowPeriod = 250;

    /// <summary>After how many milliseconds without a byte sent a receiver counts as one that does not read at all.</summary>
    private const int StallTime = 50;

    private readonly Lock _gate = new();
    private byte[]? _filling;
    private int _filled;
    private int _usual;
    private int _onItsWay;
    private bool _sending;
    private bool _held;
    private bool _finished;
    private bool _isDone;
    private long _slowUntil;
    private long _lastProgress;
    private TaskCompletionSource? _room;
    private TaskCompletionSource? _done;

    /// <summary>How many bytes wait, those on their way included.</summary>
    public int Length
    {
        get
        {
            lock (_gate) return _filled + _onItsWay;
        }
    }

    /// <summary>Whether its sender had better wait a moment: the outbox is more than half full, and has been draining until just now.</summary>
    public bool IsCongested(long now)
    {
        lock (_gate) return _filled + _onItsWay > limit / 2 && now >= _slowUntil && now - _lastProgress <= StallTime && !_finished;
    }

    /// <summary>
    /// Waits until the outbox has drained to a quarter, ten milliseconds at most. A receiver that is too slow for that is left to its drops
    /// for the next while: so what others send to the sender's other peers is hardly ever held up, yet a fast receiver loses nothing.
    /// </summary>
    public async ValueTask WaitForRoomAsync(long now)
    {
        Task room;
        lock (_gate)
        {
            if (IsDrained || _finished) return;
            room = (_room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }

        await room.WaitAsync(TimeSpan.FromMilliseconds(Patience)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (room.IsCompleted) return;
        lock (_gate) _slowUntil = now + SlowPeriod;
    }

    /// <summary>Keeps everything back, from the next <see cref="Flush"/> on, until <see cref="Release"/>.</summary>
    public void Hold()
    {
        lock (_gate) _held = true;
    }

    /// <summary>Ends <see cref="Hold"/> and sends what has gathered.</summary>
    public void Release()
    {
        lock (_gate) _held = false;
        Flush();
    }

    /// <summary>Appends one unmasked binary message that carries the frame; false where the bound would be broken.</summary>
    /// <param name="frame">The frame, plain or with its offload header.</param>
    /// <param name="withHeader">Whether the message starts with the frame's virtio_net_hdr.</param>
    public bool TryAppend(ref Frame frame, bool withHeader)
    {
        var prefix = withHeader ? Frame.OffloadHeaderLength : 0;
        var payload = prefix + frame.Length;
        var total = FrameWriter.HeaderLength(payload, masked: false) + payload;
        lock (_gate)
        {
            if (!HasRoom(total, limit)) return false;
            var span = Reserve(total);
            var header = FrameWriter.WriteHeader(span, Opcode.Binary, payload);
            if (withHeader) frame.Offload.Write(span[header..]);
            frame.CopyTo(span[(header + prefix)..]);
            _filled += total;
            return true;
        }
    }

    /// <summary>Appends bytes that are already encoded; false where the bound would be broken.</summary>
    public bool TryAppend(ReadOnlySpan<byte> encoded) => Append(encoded, limit);

    /// <summary>Appends a control frame, which may use the reserve beyond the bound.</summary>
    public bool TryAppendControl(ReadOnlySpan<byte> encoded) => Append(encoded, limit + ControlReserve);

    /// <summary>Completes when all that was ever to be sent has been, or cannot be.</summary>
    public Task Finished
    {
        get
        {
            lock (_gate)
            {
                if (_isDone) return Task.CompletedTask;
                return (_done ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }
        }
    }

    /// <summary>Appends the last bytes of all and refuses everything after them; while the outbox is held they wait too.</summary>
    public void Finish(ReadOnlySpan<byte> encoded)
    {
        lock (_gate)
        {
            if (_finished) return;
            encoded.CopyTo(Reserve(encoded.Length));
            _filled += encoded.Length;
            _finished = true;
        }

        Flush();
    }

    /// <summary>Sends what waits, as far as the kernel takes it now; the rest follows by itself.</summary>
    public void Flush()
    {
        while (TakeBuffer() is var (buffer, length) && buffer is not null)
        {
            try
            {
                var sent = channel.TrySend(buffer.AsSpan(0, length));
                Progress(sent);
                if (sent < length)
                {
                    _ = SendRestAsync(buffer, sent, length);
                    return;
                }
            }
            catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException)
            {
                Fail(buffer, e);
                return;
            }

            Sent(buffer);
        }
    }

    /// <summary>Throws away what waits and takes nothing more: the connection has ended.</summary>
    public void Discard()
    {
        lock (_gate)
        {
            _finished = true;
            _held = true;
            _filled = 0;
            if (_filling is not null) Return(_filling);
            _filling = null;
            _room?.TrySetResult();
        }
    }

    private bool IsDrained => _filled + _onItsWay <= limit / 4;

    private bool Append(ReadOnlySpan<byte> encoded, int bound)
    {
        lock (_gate)
        {
            if (!HasRoom(encoded.Length, bound)) return false;
            encoded.CopyTo(Reserve(encoded.Length));
            _filled += encoded.Length;
            return true;
        }
    }

    // A single message larger than the bound still passes an empty outbox: else a small bound would cut a link off for good.
    private bool HasRoom(int length, int bound)
    {
        if (_finished) return false;
        var waiting = _filled + _onItsWay;
        if (waiting == 0) return true;
        return waiting + length <= bound && (waiting + length <= OutboxBudget.Share || budget is not { IsSpent: true });
    }

    // A buffer that grows is copied: better one at once that is as long as the last one had to be.
    private Span<byte> Reserve(int length)
    {
        var before = _filling?.Length ?? 0;
        _filling ??= ArrayPool<byte>.Shared.Rent(Math.Max(_usual, length));
        var room = RentedBuffer.MakeRoom(ref _filling, _filled, length);
        if (_filling.Length != before) budget?.Add(_filling.Length - before);
        return room;
    }

    private void Return(byte[] buffer)
    {
        budget?.Add(-buffer.Length);
        ArrayPool<byte>.Shared.Return(buffer);
    }

    private (byte[]? Buffer, int Length) TakeBuffer()
    {
        lock (_gate)
        {
            if (_sending || _held || _filling is null) return (null, 0);
            var taken = (_filling, _filled);
            _sending = true;
            _onItsWay = _usual = _filled;
            _filling = null;
            _filled = 0;
            return taken;
        }
    }

    private void Progress(int sent)
    {
        lock (_gate)
        {
            _onItsWay -= sent;
            if (sent > 0) _lastProgress = Environment.TickCount64;
            if (_room is null || !IsDrained) return;
            _room.TrySetResult();
            _room = null;
        }
    }

    private void Sent(byte[] buffer)
    {
        lock (_gate)
        {
            _sending = false;
            if (_finished && _filling is null) Done();
        }

        Return(buffer);
    }

    private async Task SendRestAsync(byte[] buffer, int from, int length)
    {
        try
        {
            while (from < length)
            {
                var slice = Math.Min(SendSlice, length - from);
                await channel.SendAsync(buffer.AsMemory(from, slice), CancellationToken.None).ConfigureAwait(false);
                from += slice;
                Progress(slice);
            }
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            Fail(buffer, e);
            return;
        }

        Sent(buffer);
        Flush();
    }

    private void Fail(byte[] buffer, Exception error)
    {
        lock (_gate) _onItsWay = 0;
        Discard();
        Return(buffer);
        lock (_gate) Done();
        failed(error);
    }

    private void Done()
    {
        _isDone = true;
        _done?.TrySetResult();
    }
}
