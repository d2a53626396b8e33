using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using VpnWs.Ethernet;

namespace VpnWs.Offload;

/// <summary>
/// Cuts one super-frame into the very frames that Linux would make of it: every segment has the super-frame's headers with lengths, IPv4 ID
/// (one more each, whatever DF says), sequence number and checksums of its own; CWR stays on the first, FIN and PSH on the last.
/// The layout is parsed from the frame, of the header only gso_type and gso_size count; so bytes that were never validated give wrong frames at worst, or none.
/// </summary>
internal ref struct Segmenter
{
    private const byte FirstOnly = TcpHeader.Cwr;
    private const byte LastOnly = TcpHeader.Fin | TcpHeader.Psh;

    private readonly ReadOnlySpan<byte> _frame;
    private readonly ulong _networkSum;
    private readonly ulong _transportSum;
    private readonly uint _sequence;
    private readonly int _networkOffset;
    private readonly int _transportOffset;
    private readonly int _headerLength;
    private readonly int _segmentPayload;
    private readonly ushort _identification;
    private readonly bool _isIPv6;
    private readonly bool _isTcp;
    private int _index;

    /// <summary>Looks at <paramref name="frame"/>, which must stay as it is until the last segment is written.</summary>
    public Segmenter(in VirtioNetHeader header, ReadOnlySpan<byte> frame)
    {
        if (!TryMeasure(header, frame, out var layout, out _headerLength)) return;
        _frame = frame = frame[..layout.End];
        _segmentPayload = header.GsoSize;
        Count = (layout.End - _headerLength + _segmentPayload - 1) / _segmentPayload;
        _networkOffset = layout.NetworkOffset;
        _transportOffset = layout.TransportOffset;
        _isIPv6 = layout.IsIPv6;
        _isTcp = layout.Protocol == IPProtocols.Tcp;
        var network = frame[_networkOffset.._transportOffset];
        if (!_isIPv6)
        {
            _identification = BinaryPrimitives.ReadUInt16BigEndian(network[IPv4Header.Identification..]);
            _networkSum = InternetChecksum.Sum(network)
                + InternetChecksum.Without(network.Length + layout.TransportLength)
                + InternetChecksum.Without(_identification)
                + (ushort)~InternetChecksum.Read(network[IPv4Header.Checksum..]);
        }

        // The field under the checksum holds the sum of the pseudo-header of the whole; only the length in that differs between segments, as in the
        // UDP header. This way what the pseudo-header is made of (a routing header changes it) need not be known.
        var transport = frame[_transportOffset.._headerLength];
        _transportSum = InternetChecksum.Sum(transport) + InternetChecksum.Without(layout.TransportLength);
        if (_isTcp)
        {
            _sequence = BinaryPrimitives.ReadUInt32BigEndian(transport[TcpHeader.Sequence..]);
            _transportSum += SumOf(~_sequence) + InternetChecksum.Without(transport[TcpHeader.Flags]);
        }
        else
        {
            _transportSum += InternetChecksum.Without(BinaryPrimitives.ReadUInt16BigEndian(transport[UdpHeader.Length..]));
        }
    }

    /// <summary>How many segments there are; zero where the frame is not a super-frame.</summary>
    public int Count { get; }

    /// <summary>The length of every segment but the last, which may be shorter: what <see cref="Next"/> needs at the most.</summary>
    public readonly int MaxSegmentLength => Count == 0 ? 0 : Math.Min(_headerLength + _segmentPayload, _frame.Length);

    /// <summary>How many segments <paramref name="frame"/> will be cut into, without cutting it; zero where it is not a super-frame.</summary>
    public static int CountSegments(in VirtioNetHeader header, ReadOnlySpan<byte> frame) =>
        TryMeasure(header, frame, out var layout, out var headerLength) ? (layout.End - headerLength + header.GsoSize - 1) / header.GsoSize : 0;

    /// <summary>Writes the next segment to the start of <paramref name="destination"/>; false, and nothing written, behind the last one.</summary>
    /// <exception cref="ArgumentException">The destination is shorter than the segment; the segment is still the next.</exception>
    public bool Next(Span<byte> destination, out int length)
    {
        length = 0;
        if (_index >= Count) return false;
        var start = _headerLength + (_index * _segmentPayload);
        var payload = _frame.Slice(start, Math.Min(_segmentPayload, _frame.Length - start));
        if (destination.Length < _headerLength + payload.Length) ThrowTooShort();
        destination = destination[..(_headerLength + payload.Length)];
        _frame[.._headerLength].CopyTo(destination);
        WriteNetworkHeader(destination[_networkOffset..]);
        WriteTransportHeader(destination[_transportOffset..], InternetChecksum.CopyAndSum(payload, destination[_headerLength..]));
        _index++;
        length = destination.Length;
        return true;
    }

    private static bool TryMeasure(in VirtioNetHeader header, ReadOnlySpan<byte> frame, out PacketLayout layout, out int headerLength)
    {
        headerLength = 0;
        if (PacketLayout.Read(frame, out layout) is not PacketStatus.Whole || header.GsoSize == 0) return false;
        var transport = frame[layout.TransportOffset..layout.End];
        switch (header.Segmentation)
        {
            case GsoType.TcpV4 or GsoType.TcpV6 when layout.Protocol == IPProtocols.Tcp && transport.Length >= TcpHeader.MinLength:
                headerLength = TcpHeader.LengthOf(transport);
                if (headerLength < TcpHeader.MinLength || headerLength >= transport.Length) return false;
                break;
            case GsoType.UdpL4 when layout.Protocol == IPProtocols.Udp && transport.Length > UdpHeader.HeaderLength:
                headerLength = UdpHeader.HeaderLength;
                break;
            default:
                return false;
        }

        headerLength += layout.TransportOffset;
        return true;
    }

    private static ulong SumOf(uint value) => InternetChecksum.Of((int)(value >> 16)) + InternetChecksum.Of((int)value);

    private static void ThrowTooShort() => throw new ArgumentException("The destination is shorter than the segment.", "destination");

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void WriteNetworkHeader(Span<byte> packet)
    {
        if (_isIPv6)
        {
            BinaryPrimitives.WriteUInt16BigEndian(packet[IPv6Header.PayloadLength..], (ushort)(packet.Length - IPv6Header.Length));
            return;
        }

        var identification = (ushort)(_identification + _index);
        BinaryPrimitives.WriteUInt16BigEndian(packet[IPv4Header.TotalLength..], (ushort)packet.Length);
        BinaryPrimitives.WriteUInt16BigEndian(packet[IPv4Header.Identification..], identification);
        var sum = _networkSum + InternetChecksum.Of(packet.Length) + InternetChecksum.Of(identification);
        InternetChecksum.Write(packet[IPv4Header.Checksum..], InternetChecksum.Finish(sum));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void WriteTransportHeader(Span<byte> segment, ulong payloadSum)
    {
        var sum = _transportSum + payloadSum + InternetChecksum.Of(segment.Length);
        if (!_isTcp)
        {
            BinaryPrimitives.WriteUInt16BigEndian(segment[UdpHeader.Length..], (ushort)segment.Length);
            var checksum = InternetChecksum.Finish(sum + InternetChecksum.Of(segment.Length));
            InternetChecksum.Write(segment[UdpHeader.Checksum..], checksum == 0 ? ushort.MaxValue : checksum);
            return;
        }

        var sequence = _sequence + (uint)(_index * _segmentPayload);
        var flags = segment[TcpHeader.Flags];
        if (_index > 0) flags &= unchecked((byte)~FirstOnly);
        if (_index < Count - 1) flags &= unchecked((byte)~LastOnly);
        BinaryPrimitives.WriteUInt32BigEndian(segment[TcpHeader.Sequence..], sequence);
        segment[TcpHeader.Flags] = flags;
        InternetChecksum.Write(segment[TcpHeader.Checksum..], InternetChecksum.Finish(sum + SumOf(sequence) + InternetChecksum.Of(flags)));
    }
}
