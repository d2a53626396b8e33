using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace VpnWs.Ethernet;

/// <summary>A 48-bit Ethernet address (IEEE 802, EUI-48), written <c>aa:bb:cc:dd:ee:ff</c>.</summary>
public readonly struct MacAddress : IEquatable<MacAddress>, IComparable<MacAddress>, ISpanFormattable, ISpanParsable<MacAddress>
{
    /// <summary>The size of an address in bytes: 6.</summary>
    public const int Length = 6;

    private const int TextLength = 17;
    private const ulong GroupBit = 0x0100_0000_0000;
    private const ulong LocalBit = 0x0200_0000_0000;
    private const ulong Ones = 0xffff_ffff_ffff;
    private const ulong ReservedPrefix = 0x0180_c200_0000;

    /// <summary>Makes an address from its 48 bits, the first byte on the wire being the most significant.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A bit above the 48th is set.</exception>
    public MacAddress(ulong value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, Ones);
        Value = value;
    }

    /// <summary>The address as a number; the first byte on the wire is the most significant of the 48 bits.</summary>
    public ulong Value { get; }

    /// <summary><c>ff:ff:ff:ff:ff:ff</c>.</summary>
    public static MacAddress Broadcast => new(Ones);

    /// <summary><c>00:00:00:00:00:00</c>, which no station has.</summary>
    public static MacAddress Zero => default;

    /// <summary>Whether this is a multicast or the broadcast address (the group bit, IEEE 802 section 8.2).</summary>
    public bool IsGroup => (Value & GroupBit) != 0;

    /// <summary>Whether every bit is set.</summary>
    public bool IsBroadcast => Value == Ones;

    /// <summary>Whether no bit is set.</summary>
    public bool IsZero => Value == 0;

    /// <summary>Whether the address is locally administered (the U/L bit).</summary>
    public bool IsLocal => (Value & LocalBit) != 0;

    /// <summary>Whether the address is one of 01:80:c2:00:00:00 to 0f, which an IEEE 802.1D bridge does not forward.</summary>
    public bool IsReserved => (Value & ~0xfUL) == ReservedPrefix;

    /// <summary>Reads the address at the start of <paramref name="source"/>, which holds at least six bytes.</summary>
    public static MacAddress Read(ReadOnlySpan<byte> source) =>
        new(((ulong)BinaryPrimitives.ReadUInt32BigEndian(source) << 16) | BinaryPrimitives.ReadUInt16BigEndian(source[4..]));

    /// <summary>Writes the six bytes of the address at the start of <paramref name="destination"/>.</summary>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination[4..], (ushort)Value);
        BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)(Value >> 16));
    }

    /// <summary>Reads <c>aa:bb:cc:dd:ee:ff</c> (or with dashes), in either case.</summary>
    /// <exception cref="FormatException">The text is not an address.</exception>
    public static MacAddress Parse(ReadOnlySpan<char> s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var address)
            ? address
            : throw new FormatException($"'{s}' is not a MAC address; write it as aa:bb:cc:dd:ee:ff.");

    /// <inheritdoc cref="Parse(ReadOnlySpan{char}, IFormatProvider?)"/>
    public static MacAddress Parse(string s, IFormatProvider? provider = null) => Parse(s.AsSpan(), provider);

    /// <summary>Reads <c>aa:bb:cc:dd:ee:ff</c> (or with dashes), in either case; false where the text is something else.</summary>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out MacAddress result)
    {
        result = default;
        if (s.Length != TextLength) return false;
        var separator = s[2];
        if (separator is not (':' or '-')) return false;
        Span<byte> bytes = stackalloc byte[Length];
        for (var i = 0; i < Length; i++)
        {
            if (i > 0 && s[(i * 3) - 1] != separator) return false;

            // Not byte.TryParse: it forgives a trailing NUL.
            if (Convert.FromHexString(s.Slice(i * 3, 2), bytes[i..], out _, out _) != OperationStatus.Done) return false;
        }

        result = Read(bytes);
        return true;
    }

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, IFormatProvider?, out MacAddress)"/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out MacAddress result) =>
        TryParse(s.AsSpan(), provider, out result);

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, IFormatProvider?, out MacAddress)"/>
    public static bool TryParse([NotNullWhen(true)] string? s, out MacAddress result) => TryParse(s.AsSpan(), null, out result);

    /// <summary>The address as <c>aa:bb:cc:dd:ee:ff</c>.</summary>
    public override string ToString() => string.Create(TextLength, this, static (span, address) => address.TryFormat(span, out _, default, null));

    /// <inheritdoc/>
    public string ToString(string? format, IFormatProvider? formatProvider) => ToString();

    /// <inheritdoc/>
    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider)
    {
        charsWritten = 0;
        if (destination.Length < TextLength) return false;
        for (var i = 0; i < Length; i++)
        {
            if (i > 0) destination[(i * 3) - 1] = ':';
            ((byte)(Value >> (40 - (8 * i)))).TryFormat(destination[(i * 3)..], out _, "x2", CultureInfo.InvariantCulture);
        }

        charsWritten = TextLength;
        return true;
    }

    /// <inheritdoc/>
    public bool Equals(MacAddress other) => Value == other.Value;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is MacAddress other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Value.GetHashCode();

    /// <inheritdoc/>
    public int CompareTo(MacAddress other) => Value.CompareTo(other.Value);

    /// <summary>Whether both are the same address.</summary>
    public static bool operator ==(MacAddress left, MacAddress right) => left.Value == right.Value;

    /// <summary>Whether the addresses differ.</summary>
    public static bool operator !=(MacAddress left, MacAddress right) => left.Value != right.Value;

    /// <summary>Orders addresses by their numbers.</summary>
    public static bool operator <(MacAddress left, MacAddress right) => left.Value < right.Value;

    /// <summary>Orders addresses by their numbers.</summary>
    public static bool operator >(MacAddress left, MacAddress right) => left.Value > right.Value;

    /// <summary>Orders addresses by their numbers.</summary>
    public static bool operator <=(MacAddress left, MacAddress right) => left.Value <= right.Value;

    /// <summary>Orders addresses by their numbers.</summary>
    public static bool operator >=(MacAddress left, MacAddress right) => left.Value >= right.Value;
}
