using System.Buffers.Binary;

namespace VpnWs.Ethernet;

/// <summary>Reads what ICMPv6 messages of Neighbor Discovery (RFC 4861 section 4) say of their sender: the address that is advertised or looked for, and its link-layer address.</summary>
internal readonly struct NeighborMessage
{
    public const byte RouterSolicitation = 133;
    public const byte RouterAdvertisement = 134;
    public const byte NeighborSolicitation = 135;
    public const byte NeighborAdvertisement = 136;
    public const byte Redirect = 137;

    private const int HeaderLength = 8;
    private const int OptionUnit = 8;
    private const byte SourceLinkLayer = 1;
    private const byte TargetLinkLayer = 2;
    private const int AddressLength = 16;

    private NeighborMessage(HeaderStatus status, UInt128? target = null, MacAddress? linkLayer = null) => (Status, Target, LinkLayer) = (status, target, linkLayer);

    /// <summary>Whether all of it was there and well formed.</summary>
    public HeaderStatus Status { get; }

    /// <summary>The target of a neighbour message; null in one to routers.</summary>
    public UInt128? Target { get; }

    /// <summary>The link-layer address that the sender says is its own, the last one where there are several that are alike; null for none.</summary>
    public MacAddress? LinkLayer { get; }

    /// <summary>Whether an ICMPv6 type belongs to Neighbor Discovery.</summary>
    public static bool Includes(byte type) => type is >= RouterSolicitation and <= Redirect;

    /// <summary>Reads a solicitation or neighbour advertisement, all of whose bytes are there.</summary>
    /// <param name="message">From the ICMPv6 type on to the end of the packet.</param>
    /// <param name="sender">Whose frame it is: an option that names another link-layer address makes the message malformed.</param>
    public static NeighborMessage Read(ReadOnlySpan<byte> message, MacAddress sender)
    {
        if (message.Length < HeaderLength) return new NeighborMessage(HeaderStatus.Truncated);
        UInt128? target = null;
        var options = message[HeaderLength..];
        if (message[0] is NeighborSolicitation or NeighborAdvertisement)
        {
            if (options.Length < AddressLength) return new NeighborMessage(HeaderStatus.Truncated);
            target = BinaryPrimitives.ReadUInt128BigEndian(options);
            options = options[AddressLength..];
        }

        var own = message[0] == NeighborAdvertisement ? TargetLinkLayer : SourceLinkLayer;
        MacAddress? linkLayer = null;
        while (!options.IsEmpty)
        {
            if (options.Length < OptionUnit) return new NeighborMessage(HeaderStatus.Truncated, target, linkLayer);
            var length = options[1] * OptionUnit;
            if (length == 0) return new NeighborMessage(HeaderStatus.Malformed, target, linkLayer);
            if (options.Length < length) return new NeighborMessage(HeaderStatus.Truncated, target, linkLayer);
            if (options[0] == own)
            {
                linkLayer = MacAddress.Read(options[2..]);
                if (linkLayer != sender) return new NeighborMessage(HeaderStatus.Malformed, target, linkLayer);
            }

            options = options[length..];
        }

        return new NeighborMessage(HeaderStatus.Whole, target, linkLayer);
    }
}
