using System.Runtime.InteropServices;
using System.Text;

namespace VpnWs.Taps;

/// <summary>Lays out one netlink message (RFC 3549 section 2.3.2) in a buffer: header, a fixed body, attributes.</summary>
internal ref struct NetlinkMessage
{
    internal const int HeaderLength = 16;

    internal const ushort FlagRequest = 0x001;
    internal const ushort FlagAck = 0x004;
    internal const ushort FlagExclusive = 0x200;
    internal const ushort FlagDump = 0x300;
    internal const ushort FlagCreate = 0x400;

    private const int FlagsOffset = 6;
    private const int AttributeHeaderLength = 4;

    private readonly Span<byte> _buffer;
    private int _length;

    internal NetlinkMessage(Span<byte> buffer, ushort type, ushort flags)
    {
        _buffer = buffer;
        _buffer.Clear();
        _length = HeaderLength;
        MemoryMarshal.Write(_buffer[sizeof(uint)..], type);
        MemoryMarshal.Write(_buffer[FlagsOffset..], (ushort)(flags | FlagRequest));
    }

    /// <summary>Appends the body that the message's type asks for.</summary>
    internal void Body<T>(T body)
        where T : unmanaged
    {
        MemoryMarshal.Write(_buffer[_length..], body);
        _length += Align(Marshal.SizeOf<T>());
    }

    /// <summary>Appends an attribute of raw bytes.</summary>
    internal void Attribute(ushort type, scoped ReadOnlySpan<byte> value)
    {
        var at = _buffer[_length..];
        MemoryMarshal.Write(at, (ushort)(AttributeHeaderLength + value.Length));
        MemoryMarshal.Write(at[sizeof(ushort)..], type);
        value.CopyTo(at[AttributeHeaderLength..]);
        _length += Align(AttributeHeaderLength + value.Length);
    }

    /// <summary>Appends an attribute of 32 bits in the machine's own order.</summary>
    internal void Attribute(ushort type, int value) => Attribute(type, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in value)));

    /// <summary>Appends an attribute of text with a final zero.</summary>
    internal void Attribute(ushort type, string value) => Attribute(type, Encoding.UTF8.GetBytes(value + '\0'));

    /// <summary>The bytes to send, with their length and this sequence number filled in.</summary>
    internal readonly Span<byte> Finish(uint sequence)
    {
        const int SequenceOffset = 8;
        MemoryMarshal.Write(_buffer, _length);
        MemoryMarshal.Write(_buffer[SequenceOffset..], sequence);
        return _buffer[.._length];
    }

    /// <summary>Takes the first attribute off <paramref name="attributes"/>; false when there is none left.</summary>
    internal static bool Next(ref ReadOnlySpan<byte> attributes, out ushort type, out ReadOnlySpan<byte> value)
    {
        const ushort TypeMask = 0x3fff;
        type = 0;
        value = default;
        if (attributes.Length < AttributeHeaderLength) return false;
        var length = MemoryMarshal.Read<ushort>(attributes);
        if (length < AttributeHeaderLength || length > attributes.Length) return false;
        type = (ushort)(MemoryMarshal.Read<ushort>(attributes[sizeof(ushort)..]) & TypeMask);
        value = attributes[AttributeHeaderLength..length];
        attributes = attributes[Math.Min(Align(length), attributes.Length)..];
        return true;
    }

    /// <summary>Text up to its final zero.</summary>
    internal static string Text(ReadOnlySpan<byte> value) =>
        Encoding.UTF8.GetString(value.IndexOf((byte)0) is >= 0 and var end ? value[..end] : value);

    /// <summary>Messages and attributes start at multiples of four bytes.</summary>
    internal static int Align(int length) => (length + 3) & ~3;
}
