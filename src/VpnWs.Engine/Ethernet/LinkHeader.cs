using System.Buffers.Binary;

namespace VpnWs.Ethernet;

/// <summary>
/// Finds what a frame really carries: behind VLAN tags (IEEE 802.1Q) and behind LLC and SNAP headers (RFC 1042), in which some receivers look for
/// IP although no sender needs them on Ethernet (CERT/CC VU#855201). Only bytes that are there are read.
/// </summary>
internal readonly struct LinkHeader
{
    /// <summary>How many tags and SNAP headers are looked behind.</summary>
    public const int MaxLayers = 4;

    private const int EtherTypeLength = 2;
    private const int SnapLength = 8;

    private static ReadOnlySpan<byte> Rfc1042 => [0xaa, 0xaa, 3, 0, 0, 0];

    private static ReadOnlySpan<byte> BridgeTunnel => [0xaa, 0xaa, 3, 0, 0, 0xf8];

    private LinkHeader(HeaderStatus status, ushort type, int offset) => (Status, EtherType, PayloadOffset) = (status, type, offset);

    /// <summary>Whether the header was found whole; <see cref="HeaderStatus.Unknown"/> where there are too many layers.</summary>
    public HeaderStatus Status { get; }

    /// <summary>The type of the payload; below <see cref="EtherTypes.Least"/> it is none that the engine knows.</summary>
    public ushort EtherType { get; }

    /// <summary>Where the payload starts.</summary>
    public int PayloadOffset { get; }

    /// <summary>Reads the header of a frame, or of as much of it as is there.</summary>
    public static LinkHeader Read(ReadOnlySpan<byte> frame)
    {
        if (frame.Length < EthernetFrame.HeaderLength) return new LinkHeader(HeaderStatus.Truncated, 0, 0);
        var type = EthernetFrame.EtherType(frame);
        var offset = EthernetFrame.HeaderLength;
        for (var layers = 0; ; layers++)
        {
            int more;
            if (type is EtherTypes.CustomerVlan or EtherTypes.ServiceVlan)
            {
                more = EthernetFrame.VlanTagLength;
            }
            else
            {
                if (type >= EtherTypes.Least) return new LinkHeader(HeaderStatus.Whole, type, offset);
                if (!IsEncapsulated(frame[offset..])) return new LinkHeader(HeaderStatus.Whole, type, offset);
                if (frame.Length < offset + SnapLength) return new LinkHeader(HeaderStatus.Truncated, type, offset);
                more = SnapLength;
            }

            if (layers == MaxLayers) return new LinkHeader(HeaderStatus.Unknown, type, offset);
            offset += more;
            if (frame.Length < offset) return new LinkHeader(HeaderStatus.Truncated, type, offset);
            type = BinaryPrimitives.ReadUInt16BigEndian(frame[(offset - EtherTypeLength)..]);
        }
    }

    // Whether it is, or may yet turn out to be, of one of the two organisations whose protocol numbers are EtherTypes: that of RFC 1042, and that of
    // bridge tunnels (IEEE 802.1H). Other LLC frames may be as short as three bytes.
    private static bool IsEncapsulated(ReadOnlySpan<byte> llc)
    {
        var known = Math.Min(llc.Length, Rfc1042.Length);
        return llc[..known].SequenceEqual(Rfc1042[..known]) || llc[..known].SequenceEqual(BridgeTunnel[..known]);
    }
}

/// <summary>How far a header could be read.</summary>
internal enum HeaderStatus : byte
{
    /// <summary>All of it.</summary>
    Whole,

    /// <summary>The bytes end before the header does.</summary>
    Truncated,

    /// <summary>A fragment that is not the first: the rest of the headers is in another.</summary>
    LaterFragment,

    /// <summary>It goes on with something of which nobody knows how long it is, or with more headers than anyone needs.</summary>
    Unknown,

    /// <summary>It contradicts itself: nobody takes it.</summary>
    Malformed,
}
