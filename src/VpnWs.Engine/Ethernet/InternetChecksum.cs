using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace VpnWs.Ethernet;

/// <summary>
/// The ones' complement sum of 16-bit words that IP, TCP and UDP check their bytes with (RFC 1071). Sums are unfolded and in machine
/// byte order (RFC 1071 section 2(B)): they are added with <c>+</c>, folded once, and stored as they are; a few thousand may be added before one is folded.
/// </summary>
internal static class InternetChecksum
{
    /// <summary>What the folded sum over bytes that include their own right checksum is.</summary>
    public const ushort Valid = ushort.MaxValue;

    /// <summary>The sum over <paramref name="data"/>, of any length up to 2^32 bytes; an odd last byte counts as followed by a zero.</summary>
    public static ulong Sum(ReadOnlySpan<byte> data)
    {
        ref var start = ref MemoryMarshal.GetReference(data);
        nuint at = 0;
        nuint length = (nuint)data.Length;
        nuint width = (nuint)Vector<byte>.Count;
        var sum = 0UL;
        if (length >= 2 * width)
        {
            var mask = new Vector<ulong>(uint.MaxValue);
            Vector<ulong> low = default, high = default, otherLow = default, otherHigh = default;
            var last = length - (2 * width);
            do
            {
                var words = Vector.AsVectorUInt64(Vector.LoadUnsafe(ref start, at));
                var otherWords = Vector.AsVectorUInt64(Vector.LoadUnsafe(ref start, at + width));
                low += words & mask;
                high += words >>> 32;
                otherLow += otherWords & mask;
                otherHigh += otherWords >>> 32;
                at += 2 * width;
            }
            while (at <= last);
            sum = Vector.Sum(low + high + (otherLow + otherHigh));
        }

        return sum + SumTail(ref start, at, length);
    }

    /// <summary>Copies <paramref name="source"/> to the start of <paramref name="destination"/>, which is as long or longer and does not overlap it, and gives the sum over it, in one pass.</summary>
    /// <exception cref="ArgumentException">The destination is shorter than the source.</exception>
    public static ulong CopyAndSum(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        if (destination.Length < source.Length) throw new ArgumentException("The destination is shorter than the source.", nameof(destination));
        ref var start = ref MemoryMarshal.GetReference(source);
        ref var target = ref MemoryMarshal.GetReference(destination);
        nuint at = 0;
        nuint length = (nuint)source.Length;
        nuint width = (nuint)Vector<byte>.Count;
        var sum = 0UL;
        if (length >= 2 * width)
        {
            var mask = new Vector<ulong>(uint.MaxValue);
            Vector<ulong> low = default, high = default, otherLow = default, otherHigh = default;
            var last = length - (2 * width);
            do
            {
                var bytes = Vector.LoadUnsafe(ref start, at);
                var otherBytes = Vector.LoadUnsafe(ref start, at + width);
                bytes.StoreUnsafe(ref target, at);
                otherBytes.StoreUnsafe(ref target, at + width);
                var words = Vector.AsVectorUInt64(bytes);
                var otherWords = Vector.AsVectorUInt64(otherBytes);
                low += words & mask;
                high += words >>> 32;
                otherLow += otherWords & mask;
                otherHigh += otherWords >>> 32;
                at += 2 * width;
            }
            while (at <= last);
            sum = Vector.Sum(low + high + (otherLow + otherHigh));
        }

        source[(int)at..].CopyTo(destination[(int)at..]);
        return sum + SumTail(ref start, at, length);
    }

    /// <summary>What a 16-bit field that holds <paramref name="value"/> in network byte order adds to a sum.</summary>
    public static ulong Of(int value) =>
        BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness((ushort)value) : (ushort)value;

    /// <summary>What takes a 16-bit field that holds <paramref name="value"/> in network byte order out of a sum again (RFC 1624).</summary>
    public static ulong Without(int value) => Of(~value);

    /// <summary>The sum over bytes that start at an odd offset of the data to be checked, from the sum over the bytes alone (RFC 1071 section 2(B)).</summary>
    public static ulong AtOddOffset(ulong sum) => BinaryPrimitives.ReverseEndianness(Fold(sum));

    /// <summary>Folds a sum to 16 bits with end-around carry; zero only where every byte was zero.</summary>
    public static ushort Fold(ulong sum)
    {
        sum = (sum >> 32) + (uint)sum;
        sum = (sum >> 32) + (uint)sum;
        var half = ((uint)sum >> 16) + (ushort)sum;
        return (ushort)((half >> 16) + half);
    }

    /// <summary>The checksum to store for a sum: its fold, complemented.</summary>
    public static ushort Finish(ulong sum) => (ushort)~Fold(sum);

    /// <summary>Reads a stored checksum, or a folded sum, at the start of <paramref name="field"/>.</summary>
    public static ushort Read(ReadOnlySpan<byte> field) => MemoryMarshal.Read<ushort>(field);

    /// <summary>Stores a checksum, or a folded sum, at the start of <paramref name="field"/>.</summary>
    public static void Write(Span<byte> field, ushort value) => MemoryMarshal.Write(field, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong SumTail(ref byte start, nuint at, nuint length)
    {
        var sum = 0UL;
        for (; at + sizeof(ulong) <= length; at += sizeof(ulong))
        {
            var words = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, at));
            sum += (words >> 32) + (uint)words;
        }

        if (at + sizeof(uint) <= length)
        {
            sum += Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref start, at));
            at += sizeof(uint);
        }

        if (at + sizeof(ushort) <= length)
        {
            sum += Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref start, at));
            at += sizeof(ushort);
        }

        if (at < length) sum += Of(Unsafe.Add(ref start, at) << 8);
        return sum;
    }
}
