using System.Buffers.Binary;

namespace VpnWs.Offload;

/// <summary>
/// The ten bytes that say what is unfinished in the frame behind them: <c>struct virtio_net_hdr</c>, little-endian (VIRTIO 1.2 section 5.1.6).
/// All zero for a whole frame with finished checksums.
/// </summary>
internal struct VirtioNetHeader : IEquatable<VirtioNetHeader>
{
    /// <summary>The size of the header in bytes: 10.</summary>
    public const int Length = 10;

    /// <summary>In <see cref="Flags"/>: the checksum at <see cref="ChecksumStart"/> + <see cref="ChecksumOffset"/> is still to be computed.</summary>
    public const byte NeedsChecksumFlag = 1;

    /// <summary>In <see cref="Flags"/>: the checksum has been verified.</summary>
    public const byte DataValidFlag = 2;

    /// <summary><see cref="NeedsChecksumFlag"/> or <see cref="DataValidFlag"/>.</summary>
    public byte Flags;

    /// <summary>How to segment the frame, with the ECN bit.</summary>
    public GsoType GsoType;

    /// <summary>A hint of how long the headers of a super-frame are, in bytes from its start.</summary>
    public ushort HeaderLength;

    /// <summary>The payload of every segment of a super-frame but the last, in bytes.</summary>
    public ushort GsoSize;

    /// <summary>Where the bytes under the unfinished checksum start; they go on to the end of the frame.</summary>
    public ushort ChecksumStart;

    /// <summary>Where the unfinished checksum lies, from <see cref="ChecksumStart"/>; it holds the folded sum of the pseudo-header.</summary>
    public ushort ChecksumOffset;

    /// <summary><see cref="GsoType"/> without the ECN bit.</summary>
    public readonly GsoType Segmentation => GsoType & ~GsoType.EcnBit;

    /// <summary>Whether the frame is a super-frame.</summary>
    public readonly bool IsSuperFrame => GsoType != GsoType.None;

    /// <summary>Whether a checksum is unfinished.</summary>
    public readonly bool NeedsChecksum => (Flags & NeedsChecksumFlag) != 0;

    /// <summary>Whether the sender's kernel has verified the checksum.</summary>
    public readonly bool DataValid => (Flags & DataValidFlag) != 0;

    /// <summary>Whether the frame can go as it is to a port without offload: one frame, its checksums finished.</summary>
    public readonly bool IsPlain => !IsSuperFrame && !NeedsChecksum;

    /// <summary>Whether the headers differ.</summary>
    public static bool operator !=(in VirtioNetHeader left, in VirtioNetHeader right) => !left.Equals(right);

    /// <summary>Whether every field is the same.</summary>
    public static bool operator ==(in VirtioNetHeader left, in VirtioNetHeader right) => left.Equals(right);

    /// <summary>Reads the header at the start of <paramref name="source"/>, which holds at least ten bytes.</summary>
    public static VirtioNetHeader Read(ReadOnlySpan<byte> source)
    {
        source = source[..Length];
        return new VirtioNetHeader
        {
            Flags = source[0],
            GsoType = (GsoType)source[1],
            HeaderLength = BinaryPrimitives.ReadUInt16LittleEndian(source[2..]),
            GsoSize = BinaryPrimitives.ReadUInt16LittleEndian(source[4..]),
            ChecksumStart = BinaryPrimitives.ReadUInt16LittleEndian(source[6..]),
            ChecksumOffset = BinaryPrimitives.ReadUInt16LittleEndian(source[8..]),
        };
    }

    /// <summary>Writes the ten bytes of the header at the start of <paramref name="destination"/>.</summary>
    public readonly void Write(Span<byte> destination)
    {
        destination = destination[..Length];
        destination[0] = Flags;
        destination[1] = (byte)GsoType;
        BinaryPrimitives.WriteUInt16LittleEndian(destination[2..], HeaderLength);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[4..], GsoSize);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[6..], ChecksumStart);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[8..], ChecksumOffset);
    }

    /// <inheritdoc/>
    public readonly bool Equals(VirtioNetHeader other) =>
        Flags == other.Flags && GsoType == other.GsoType && HeaderLength == other.HeaderLength && GsoSize == other.GsoSize
        && ChecksumStart == other.ChecksumStart && ChecksumOffset == other.ChecksumOffset;

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is VirtioNetHeader other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode() => HashCode.Combine(Flags, GsoType, HeaderLength, GsoSize, ChecksumStart, ChecksumOffset);

    /// <inheritdoc/>
    public override readonly string ToString() =>
        $"flags {Flags}, gso_type {GsoType}, hdr_len {HeaderLength}, gso_size {GsoSize}, csum_start {ChecksumStart}, csum_offset {ChecksumOffset}";
}
