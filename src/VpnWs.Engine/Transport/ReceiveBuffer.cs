using System.Buffers;

namespace VpnWs.Transport;

/// <summary>
/// The bytes received and not yet parsed. A large buffer is rented while bytes come; a connection that waits keeps just a copy of an unfinished message, or nothing.
/// </summary>
internal sealed class ReceiveBuffer
{
    /// <summary>How much one receive can bring.</summary>
    public const int Size = 256 * 1024;

    private const int MaxLargeBuffersHeld = 32;

    private static int s_largeBuffersHeld;

    private byte[]? _buffer;
    private int _start;
    private int _end;
    private bool _held;

    /// <summary>The bytes not yet parsed.</summary>
    public Span<byte> Unparsed => _buffer.AsSpan(_start, _end - _start);

    /// <summary>Makes room for a receive and gives it.</summary>
    public Memory<byte> Prepare()
    {
        if (_buffer is null || _buffer.Length < Size)
        {
            Move(ArrayPool<byte>.Shared.Rent(Size));
        }
        else if (_start == _end)
        {
            _start = _end = 0;
        }
        else if (_buffer.Length - _end < Size / 2)
        {
            Compact();
        }

        return _buffer.AsMemory(_end);
    }

    /// <summary>Takes in what a receive has brought.</summary>
    public void Received(int count) => _end += count;

    /// <summary>Takes in bytes that arrived before this buffer was there.</summary>
    public void Append(ReadOnlySpan<byte> data)
    {
        data.CopyTo(Prepare().Span);
        Received(data.Length);
    }

    /// <summary>Marks bytes as parsed.</summary>
    public void Consume(int count) => _start += count;

    /// <summary>Gives the large buffer back before a wait of unknown length; an unfinished message is kept in one of its own size.</summary>
    public void Rest()
    {
        if (_buffer is null) return;
        var left = _end - _start;
        if (left == 0)
        {
            Release();
            return;
        }

        if (_held || _buffer.Length < Size) return;
        if (Interlocked.Increment(ref s_largeBuffersHeld) <= MaxLargeBuffersHeld)
        {
            _held = true;
            return;
        }

        Interlocked.Decrement(ref s_largeBuffersHeld);
        Move(ArrayPool<byte>.Shared.Rent(left));
    }

    /// <summary>Ends <see cref="Rest"/>.</summary>
    public void Wake()
    {
        if (!_held) return;
        _held = false;
        Interlocked.Decrement(ref s_largeBuffersHeld);
    }

    /// <summary>Gives everything back.</summary>
    public void Release()
    {
        Wake();
        if (_buffer is not null) ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = null;
        _start = _end = 0;
    }

    private void Move(byte[] target)
    {
        var left = 0;
        if (_buffer is not null)
        {
            left = _end - _start;
            Unparsed.CopyTo(target);
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        _buffer = target;
        _start = 0;
        _end = left;
    }

    private void Compact()
    {
        var left = _end - _start;
        Unparsed.CopyTo(_buffer);
        _start = 0;
        _end = left;
    }
}
