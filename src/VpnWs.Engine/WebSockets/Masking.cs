using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace VpnWs.WebSockets;

/// <summary>
/// Masks and unmasks payloads (RFC 6455 section 5.3); both are the same. A key is a number whose four bytes in memory order are
/// those on the wire, so that it is read and written as it lies. Byte i of the data meets byte (i + phase) mod 4 of the key.
/// </summary>
internal static class Masking
{
    /// <summary>Masks in place.</summary>
    /// <param name="data">A payload or a part of one.</param>
    /// <param name="key">The key; 0 changes nothing.</param>
    /// <param name="phase">The offset of the first byte of <paramref name="data"/> in its payload (only the remainder by 4 counts).</param>
    public static void Apply(Span<byte> data, uint key, int phase = 0)
    {
        if (key == 0) return;
        ref var start = ref MemoryMarshal.GetReference(data);
        Run(ref start, ref start, (nuint)data.Length, Rotate(key, phase));
    }

    /// <summary>Copies and masks in one pass. Source and destination must not overlap, unless they start at the same byte.</summary>
    /// <param name="source">A payload or a part of one; it stays as it is.</param>
    /// <param name="destination">Where it goes; what it has more than the source stays as it is.</param>
    /// <param name="key">The key; 0 makes a plain copy.</param>
    /// <param name="phase">The offset of the first byte of <paramref name="source"/> in its payload (only the remainder by 4 counts).</param>
    /// <exception cref="ArgumentException">The destination is shorter than the source.</exception>
    public static void Apply(ReadOnlySpan<byte> source, Span<byte> destination, uint key, int phase = 0)
    {
        if (key == 0)
        {
            source.CopyTo(destination);
            return;
        }

        if (destination.Length < source.Length) throw new ArgumentException("The destination is too short.", nameof(destination));
        ref var from = ref MemoryMarshal.GetReference(source);
        ref var to = ref MemoryMarshal.GetReference(destination);
        Run(ref from, ref to, (nuint)source.Length, Rotate(key, phase));
    }

    /// <summary>Takes blocks of four 64-byte vectors from the offset on, as long as one fits, and returns the offset after the last.</summary>
    internal static nuint Blocks512(ref byte source, ref byte destination, nuint offset, nuint length, uint key)
    {
        const nuint Width = 64;
        var keys = Vector512.Create(key).AsByte();
        for (; length - offset >= 4 * Width; offset += 4 * Width)
        {
            var a = Vector512.LoadUnsafe(ref source, offset) ^ keys;
            var b = Vector512.LoadUnsafe(ref source, offset + Width) ^ keys;
            var c = Vector512.LoadUnsafe(ref source, offset + (2 * Width)) ^ keys;
            var d = Vector512.LoadUnsafe(ref source, offset + (3 * Width)) ^ keys;
            a.StoreUnsafe(ref destination, offset);
            b.StoreUnsafe(ref destination, offset + Width);
            c.StoreUnsafe(ref destination, offset + (2 * Width));
            d.StoreUnsafe(ref destination, offset + (3 * Width));
        }

        return offset;
    }

    /// <summary>The same with 32-byte vectors.</summary>
    internal static nuint Blocks256(ref byte source, ref byte destination, nuint offset, nuint length, uint key)
    {
        const nuint Width = 32;
        var keys = Vector256.Create(key).AsByte();
        for (; length - offset >= 4 * Width; offset += 4 * Width)
        {
            var a = Vector256.LoadUnsafe(ref source, offset) ^ keys;
            var b = Vector256.LoadUnsafe(ref source, offset + Width) ^ keys;
            var c = Vector256.LoadUnsafe(ref source, offset + (2 * Width)) ^ keys;
            var d = Vector256.LoadUnsafe(ref source, offset + (3 * Width)) ^ keys;
            a.StoreUnsafe(ref destination, offset);
            b.StoreUnsafe(ref destination, offset + Width);
            c.StoreUnsafe(ref destination, offset + (2 * Width));
            d.StoreUnsafe(ref destination, offset + (3 * Width));
        }

        return offset;
    }

    /// <summary>The same with 16-byte vectors, which every machine of ours has.</summary>
    internal static nuint Blocks128(ref byte source, ref byte destination, nuint offset, nuint length, uint key)
    {
        const nuint Width = 16;
        var keys = Vector128.Create(key).AsByte();
        for (; length - offset >= 4 * Width; offset += 4 * Width)
        {
            var a = Vector128.LoadUnsafe(ref source, offset) ^ keys;
            var b = Vector128.LoadUnsafe(ref source, offset + Width) ^ keys;
            var c = Vector128.LoadUnsafe(ref source, offset + (2 * Width)) ^ keys;
            var d = Vector128.LoadUnsafe(ref source, offset + (3 * Width)) ^ keys;
            a.StoreUnsafe(ref destination, offset);
            b.StoreUnsafe(ref destination, offset + Width);
            c.StoreUnsafe(ref destination, offset + (2 * Width));
            d.StoreUnsafe(ref destination, offset + (3 * Width));
        }

        return offset;
    }

    // Each step is a multiple of four bytes long, so the key never has to be turned on the way.
    private static void Run(ref byte source, ref byte destination, nuint length, uint key)
    {
        nuint offset = 0;
        if (Vector512.IsHardwareAccelerated) offset = Blocks512(ref source, ref destination, offset, length, key);
        if (Vector256.IsHardwareAccelerated) offset = Blocks256(ref source, ref destination, offset, length, key);
        offset = Blocks128(ref source, ref destination, offset, length, key);
        for (; length - offset >= 16; offset += 16)
        {
            (Vector128.LoadUnsafe(ref source, offset) ^ Vector128.Create(key).AsByte()).StoreUnsafe(ref destination, offset);
        }

        for (; length - offset >= 4; offset += 4)
        {
            var word = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref source, offset));
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref destination, offset), word ^ key);
        }

        ref var keyBytes = ref Unsafe.As<uint, byte>(ref key);
        for (; offset < length; offset++)
        {
            Unsafe.Add(ref destination, offset) = (byte)(Unsafe.Add(ref source, offset) ^ Unsafe.Add(ref keyBytes, offset & 3));
        }
    }

    private static uint Rotate(uint key, int phase) =>
        BitConverter.IsLittleEndian ? BitOperations.RotateRight(key, 8 * phase) : BitOperations.RotateLeft(key, 8 * phase);
}
