using System.Buffers.Binary;
using VpnWs.Ethernet;

namespace VpnWs.PowerShell;

/// <summary>An Ethernet II frame (IEEE 802.3 section 3), without FCS.</summary>
public sealed class LanFrame
{
    private const ushort Vlan = 0x8100;
    private const int VlanMask = 0xfff;

    private readonly byte[] _bytes;

    /// <summary>Takes a whole frame, from the destination address on.</summary>
    /// <exception cref="ArgumentException">It is shorter than 14 bytes, or longer than 65,549.</exception>
    public LanFrame(byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        if (bytes.Length is < EthernetFrame.HeaderLength or > EthernetFrame.MaxLength)
            throw new ArgumentException($"A frame has from {EthernetFrame.HeaderLength} to {EthernetFrame.MaxLength} bytes, not {bytes.Length}.", nameof(bytes));
        _bytes = bytes;
    }

    /// <summary>Where it goes.</summary>
    public MacAddress Destination => EthernetFrame.Destination(_bytes);

    /// <summary>Where it comes from.</summary>
    public MacAddress Source => EthernetFrame.Source(_bytes);

    /// <summary>The number of its VLAN (IEEE 802.1Q); null without a tag.</summary>
    public int? VlanId => IsTagged ? BinaryPrimitives.ReadUInt16BigEndian(_bytes.AsSpan(EthernetFrame.HeaderLength)) & VlanMask : null;

    /// <summary>What is in it; that of the payload behind a VLAN tag.</summary>
    public int EtherType => BinaryPrimitives.ReadUInt16BigEndian(_bytes.AsSpan(HeaderLength - 2));

    /// <summary>The name of what is in it: IPv4, IPv6, ARP and so on, or the number.</summary>
    public string Protocol => FrameText.Protocol(EtherType);

    /// <summary>What it says, in a few words.</summary>
    public string Info => FrameText.Info(EtherType, _bytes.AsSpan(HeaderLength));

    /// <summary>How many bytes it has, header included.</summary>
    public int Length => _bytes.Length;

    /// <summary>The bytes behind the header.</summary>
    public IReadOnlyList<byte> Payload => _bytes[HeaderLength..];

    /// <summary>All bytes.</summary>
    public IReadOnlyList<byte> Bytes => [.. _bytes];

    /// <summary>The payload as UTF-8 text, without the padding at its end.</summary>
    public string Text => System.Text.Encoding.UTF8.GetString(_bytes.AsSpan(HeaderLength)).TrimEnd('\0');

    /// <summary>The frame in a few words.</summary>
    public override string ToString() => $"{Source} > {Destination} {Protocol} {Length} bytes";

    /// <summary>Builds a frame.</summary>
    internal static LanFrame Build(MacAddress destination, MacAddress source, int etherType, int? vlan, byte[] payload)
    {
        var header = EthernetFrame.HeaderLength + (vlan is null ? 0 : EthernetFrame.VlanTagLength);
        var bytes = new byte[header + payload.Length];
        destination.CopyTo(bytes);
        source.CopyTo(bytes.AsSpan(MacAddress.Length));
        if (vlan is { } id)
        {
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2 * MacAddress.Length), Vlan);
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(EthernetFrame.HeaderLength), (ushort)id);
        }

        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(header - 2), (ushort)etherType);
        payload.CopyTo(bytes.AsSpan(header));
        return new LanFrame(bytes);
    }

    /// <summary>The bytes themselves.</summary>
    internal ReadOnlySpan<byte> Span => _bytes;

    private bool IsTagged => _bytes.Length >= EthernetFrame.HeaderLength + EthernetFrame.VlanTagLength && EthernetFrame.EtherType(_bytes) == Vlan;

    private int HeaderLength => EthernetFrame.HeaderLength + (IsTagged ? EthernetFrame.VlanTagLength : 0);
}
