using System.Buffers.Binary;
using VpnWs.Ethernet;

namespace VpnWs.Offload;

/// <summary>
/// One super-frame in the making: the first frame of a run, whole, and behind it the payloads of those that followed. What may follow is what
/// Linux's GRO lets follow, so that cutting the super-frame gives back the frames, byte for byte (but for the ID of IPv4 packets that all have the same).
/// </summary>
internal sealed class CoalescedRun
{
    // Older kernels refuse a UDP super-frame of more.
    private const int MaxUdpFrames = 64;
    private const int MaxPacketLength = ushort.MaxValue;
    private const byte LastOnly = TcpHeader.Fin | TcpHeader.Psh;

    private byte[]? _buffer;
    private int _length;
    private int _payloadOffset;
    private int _segment;
    private PacketLayout _layout;
    private VirtioNetHeader _header;
    private ulong _key;
    private ulong _addressSum;
    private uint _nextSequence;
    private ushort _identification;
    private int _identificationStep;
    private byte _lastFlags;

    /// <summary>How many frames are in the run.</summary>
    public int Count { get; private set; }

    /// <summary>Whether nothing may follow any more: the last frame was shorter than the others, or had FIN or PSH.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Whether <paramref name="flow"/> has the protocol, addresses and ports of the run.</summary>
    public bool IsSameFlow(in FlowFrame flow) =>
        _key == flow.Key && _layout.Protocol == flow.Layout.Protocol && _layout.IsIPv6 == flow.Layout.IsIPv6
        && flow.Ports.SequenceEqual(_buffer.AsSpan(_layout.TransportOffset, flow.Ports.Length))
        && flow.Addresses.SequenceEqual(_buffer.AsSpan(_layout.AddressOffset, flow.Addresses.Length));

    /// <summary>Starts the run with a mergeable frame; false where nothing could follow it, or where its checksum is wrong.</summary>
    public bool TryBegin(in FlowFrame flow)
    {
        var payload = flow.Payload.Length;
        if (flow.IsTcp && (payload < OffloadValidator.MinTcpGsoSize || (flow.Transport[TcpHeader.Flags] & LastOnly) != 0)) return false;
        _buffer ??= GC.AllocateUninitializedArray<byte>(PacketLayout.MaxFrameLength);
        _layout = flow.Layout;
        _addressSum = _layout.AddressSum(flow.Frame);
        flow.Frame[..flow.PayloadOffset].CopyTo(_buffer);
        _length = flow.PayloadOffset;
        if (!TryCopyPayload(flow)) return false;
        _payloadOffset = flow.PayloadOffset;
        _segment = payload;
        _header = flow.Header;
        _key = flow.Key;
        _lastFlags = 0;
        _identificationStep = 0;
        if (flow.IsTcp) _nextSequence = BinaryPrimitives.ReadUInt32BigEndian(flow.Transport[TcpHeader.Sequence..]) + (uint)payload;
        if (!_layout.IsIPv6) _identification = BinaryPrimitives.ReadUInt16BigEndian(flow.Network[IPv4Header.Identification..]);
        Count = 1;
        IsClosed = false;
        return true;
    }

    /// <summary>Adds a mergeable frame of the same flow; false, and the run as it was, where it does not continue the run or its checksum is wrong.</summary>
    public bool TryAppend(in FlowFrame flow)
    {
        var payload = flow.Payload.Length;
        if (IsClosed || payload > _segment || _length + payload - _layout.NetworkOffset > MaxPacketLength) return false;
        if (flow.Layout.NetworkOffset != _layout.NetworkOffset || flow.PayloadOffset != _payloadOffset) return false;
        if (Count == (flow.IsTcp ? OffloadValidator.MaxTcpSegments : MaxUdpFrames)) return false;
        var first = _buffer.AsSpan(0, _payloadOffset);
        if (!first[.._layout.NetworkOffset].SequenceEqual(flow.Frame[.._layout.NetworkOffset])) return false;
        var network = first[_layout.NetworkOffset.._layout.TransportOffset];
        var step = _identificationStep;
        if (!(_layout.IsIPv6 ? ContinuesIPv6(network, flow.Network) : ContinuesIPv4(network, flow.Network, out step))) return false;
        if (flow.IsTcp && !ContinuesTcp(first[_layout.TransportOffset..], flow.Transport)) return false;
        if (!TryCopyPayload(flow)) return false;
        _identificationStep = step;
        _nextSequence += (uint)payload;
        if (flow.IsTcp) _lastFlags = (byte)(flow.Transport[TcpHeader.Flags] & LastOnly);
        IsClosed = payload < _segment || _lastFlags != 0;
        Count++;
        return true;
    }

    /// <summary>Hands the run over, a run of one frame just as that frame came, and empties it.</summary>
    public void Emit<TSink>(ref TSink sink)
        where TSink : IFrameSink, allows ref struct
    {
        var frame = _buffer.AsSpan(0, _length);
        if (Count > 1) FinishSuperFrame(frame);
        Count = 0;
        sink.Accept(_header, frame);
    }

    private static bool ContinuesIPv6(ReadOnlySpan<byte> first, ReadOnlySpan<byte> next) =>
        first[..IPv6Header.PayloadLength].SequenceEqual(next[..IPv6Header.PayloadLength])
        && first[IPv6Header.HopLimit] == next[IPv6Header.HopLimit];

    private bool ContinuesIPv4(ReadOnlySpan<byte> first, ReadOnlySpan<byte> next, out int step)
    {
        step = _identificationStep;
        var fragment = BinaryPrimitives.ReadUInt16BigEndian(next[IPv4Header.Fragment..]);
        if (first[IPv4Header.TypeOfService] != next[IPv4Header.TypeOfService]
            || first[IPv4Header.TimeToLive] != next[IPv4Header.TimeToLive]
            || BinaryPrimitives.ReadUInt16BigEndian(first[IPv4Header.Fragment..]) != fragment) return false;

        // The ID means nothing where DF is set (RFC 6864), and senders that never fragment may leave it at one value.
        var distance = (ushort)(BinaryPrimitives.ReadUInt16BigEndian(next[IPv4Header.Identification..]) - _identification);
        if (Count == 1) step = distance == 0 && (fragment & IPv4Header.DontFragment) != 0 ? 0 : 1;
        return distance == (ushort)(step * Count);
    }

    private bool ContinuesTcp(ReadOnlySpan<byte> first, ReadOnlySpan<byte> next)
    {
        // CWR may be on the first frame alone, as that is where the segmenter leaves it.
        var flags = next[TcpHeader.Flags];
        var differing = (flags ^ first[TcpHeader.Flags]) & ~(LastOnly | TcpHeader.Cwr);
        return (flags & TcpHeader.Cwr) == 0 && differing == 0
            && BinaryPrimitives.ReadUInt32BigEndian(next[TcpHeader.Sequence..]) == _nextSequence
            && first[TcpHeader.Acknowledgment..TcpHeader.Flags].SequenceEqual(next[TcpHeader.Acknowledgment..TcpHeader.Flags])
            && first[TcpHeader.Window..TcpHeader.Checksum].SequenceEqual(next[TcpHeader.Window..TcpHeader.Checksum])
            && first[TcpHeader.UrgentPointer..].SequenceEqual(next[TcpHeader.UrgentPointer..]);
    }

    private bool TryCopyPayload(in FlowFrame flow)
    {
        var target = _buffer.AsSpan(_length);
        if (flow.Header.NeedsChecksum)
        {
            flow.Payload.CopyTo(target);
        }
        else
        {
            var sum = PseudoHeaderSum(flow.Layout.TransportLength) + InternetChecksum.Sum(flow.Transport);
            sum += InternetChecksum.CopyAndSum(flow.Payload, target);
            if (InternetChecksum.Fold(sum) != InternetChecksum.Valid) return false;
        }

        _length += flow.Payload.Length;
        return true;
    }

    private ulong PseudoHeaderSum(int transportLength) =>
        _addressSum + InternetChecksum.Of(_layout.Protocol) + InternetChecksum.Of(transportLength);

    private void FinishSuperFrame(Span<byte> frame)
    {
        var network = frame[_layout.NetworkOffset.._layout.TransportOffset];
        var transport = frame[_layout.TransportOffset..];
        if (_layout.IsIPv6)
        {
            BinaryPrimitives.WriteUInt16BigEndian(network[IPv6Header.PayloadLength..], (ushort)transport.Length);
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(network[IPv4Header.TotalLength..], (ushort)(network.Length + transport.Length));
            InternetChecksum.Write(network[IPv4Header.Checksum..], 0);
            InternetChecksum.Write(network[IPv4Header.Checksum..], InternetChecksum.Finish(InternetChecksum.Sum(network)));
        }

        var pseudoHeader = InternetChecksum.Fold(PseudoHeaderSum(transport.Length));
        _header = new VirtioNetHeader
        {
            Flags = VirtioNetHeader.NeedsChecksumFlag,
            HeaderLength = (ushort)_payloadOffset,
            GsoSize = (ushort)_segment,
            ChecksumStart = _layout.TransportOffset,
        };
        if (_layout.Protocol == IPProtocols.Udp)
        {
            _header.GsoType = GsoType.UdpL4;
            _header.ChecksumOffset = UdpHeader.Checksum;
            BinaryPrimitives.WriteUInt16BigEndian(transport[UdpHeader.Length..], (ushort)transport.Length);
        }
        else
        {
            transport[TcpHeader.Flags] |= _lastFlags;
            _header.GsoType = _layout.IsIPv6 ? GsoType.TcpV6 : GsoType.TcpV4;
            if ((transport[TcpHeader.Flags] & TcpHeader.Cwr) != 0) _header.GsoType |= GsoType.EcnBit;
            _header.ChecksumOffset = TcpHeader.Checksum;
        }

        InternetChecksum.Write(transport[_header.ChecksumOffset..], pseudoHeader);
    }
}
