using System.Buffers;
using System.Runtime.CompilerServices;

namespace VpnWs.Transport;

/// <summary>
/// What stands between a TLS stream, which reads and writes record by record, and its connection: one receive brings many records, and many records
/// leave with one send. Waiting holds no buffer. One reader and one writer at a time.
/// </summary>
internal sealed class RecordStream(PlainChannel channel) : Stream
{
    private const int ReadAhead = 128 * 1024;

    private static readonly IOException NothingThere = new("The record held no data, and the next one has not come.");

    private RecordMeter _meter;
    private byte[]? _received;
    private int _start;
    private int _end;
    private byte[]? _gathered;
    private int _sent;
    private int _filled;

    /// <summary>Whether writes wait for <see cref="TrySend"/> or <see cref="SendAsync"/>; before the end of the handshake they do not.</summary>
    public bool IsGathering { get; set; }

    /// <summary>Whether a read must not wait: where it would, it throws <see cref="IOException"/>.</summary>
    public bool IsDraining { get; set; }

    /// <summary>Whether the bytes at hand are enough for a further record.</summary>
    public bool HasRecord => _end > _start && _meter.EndsRecord(Received);

    /// <summary>Whether written bytes wait to be sent.</summary>
    public bool HasUnsent => _filled > _sent;

    /// <summary>Whether that is what a read threw.</summary>
    public static bool IsNothingThere(Exception exception) => ReferenceEquals(exception, NothingThere);

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    private ReadOnlySpan<byte> Received => _received.AsSpan(_start, _end - _start);

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_start == _end)
        {
            if (buffer.IsEmpty || !TryReceive(out var received))
            {
                if (IsDraining) throw NothingThere;
                Release(ref _received);
                await channel.WaitAsync(cancellationToken).ConfigureAwait(false);
                // A handshake is long work, which must not hold up the frames of others.
                if (!IsGathering) await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
                if (buffer.IsEmpty) return 0;
            }
            else if (received == 0)
            {
                return 0;
            }
        }

        return Pass(buffer.Span);
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (!IsGathering) throw new NotSupportedException("A handshake is made asynchronously.");
        Gather(buffer);
    }

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Gather(buffer.Span);
        return IsGathering ? ValueTask.CompletedTask : SendAsync(cancellationToken);
    }

    /// <summary>Sends what can be sent without waiting; false where some is left.</summary>
    public bool TrySend()
    {
        while (HasUnsent)
        {
            var sent = channel.TrySend(_gathered.AsSpan(_sent, _filled - _sent));
            if (sent == 0) return false;
            _sent += sent;
        }

        AllSent();
        return true;
    }

    /// <summary>Sends all that was written.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask SendAsync(CancellationToken cancellationToken)
    {
        if (HasUnsent) await channel.SendAsync(_gathered.AsMemory(_sent, _filled - _sent), cancellationToken).ConfigureAwait(false);
        AllSent();
    }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    private static void Release(ref byte[]? buffer)
    {
        if (buffer is not null) ArrayPool<byte>.Shared.Return(buffer);
        buffer = null;
    }

    private bool TryReceive(out int received)
    {
        _received ??= ArrayPool<byte>.Shared.Rent(ReadAhead);
        if (!channel.TryReceive(_received, out received)) return false;
        _start = 0;
        _end = received;
        return true;
    }

    private int Pass(Span<byte> buffer)
    {
        var passed = Received[..Math.Min(buffer.Length, _end - _start)];
        passed.CopyTo(buffer);
        _meter.Advance(passed);
        _start += passed.Length;
        return passed.Length;
    }

    private void Gather(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(RentedBuffer.MakeRoom(ref _gathered, _filled, bytes.Length));
        _filled += bytes.Length;
    }

    private void AllSent()
    {
        _sent = _filled = 0;
        Release(ref _gathered);
    }
}
