using System.Buffers;

namespace VpnWs.WebSockets;

/// <summary>Where the fragments of one message are put together: a rented array that grows with the bytes that really came.</summary>
internal struct FragmentBuffer
{
    private byte[]? _array;

    /// <summary>How many bytes of the message are there.</summary>
    public int Length { get; private set; }

    /// <summary>How many bytes of memory are held.</summary>
    public readonly int Capacity => _array?.Length ?? 0;

    /// <summary>The bytes that are there, unmasked.</summary>
    public readonly Span<byte> Content => _array.AsSpan(0, Length);

    /// <summary>Adds a fragment, unmasking it on the way.</summary>
    public void Append(ReadOnlySpan<byte> fragment, uint maskKey)
    {
        // An empty fragment must not make an array be held.
        if (fragment.IsEmpty) return;
        if (fragment.Length > Capacity - Length) Grow(Length + fragment.Length);
        Masking.Apply(fragment, _array.AsSpan(Length), maskKey);
        Length += fragment.Length;
    }

    /// <summary>Forgets the message and gives its memory back.</summary>
    public void Release()
    {
        var array = _array;
        _array = null;
        Length = 0;
        if (array is not null) ArrayPool<byte>.Shared.Return(array);
    }

    private void Grow(int needed)
    {
        // Doubling keeps the copying linear in the bytes received, however small the fragments are.
        var grown = ArrayPool<byte>.Shared.Rent((int)Math.Min(Math.Max(needed, 2L * Capacity), Array.MaxLength));
        Content.CopyTo(grown);
        if (_array is not null) ArrayPool<byte>.Shared.Return(_array);
        _array = grown;
    }
}
