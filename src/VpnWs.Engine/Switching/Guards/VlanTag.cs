using System.Buffers.Binary;
using VpnWs.Ethernet;

namespace VpnWs.Switching.Guards;

/// <summary>What has to be done to a frame's VLAN tag before a port gets it.</summary>
internal enum Tagging : byte
{
    /// <summary>Nothing.</summary>
    Keep,

    /// <summary>It gets the tag of its VLAN.</summary>
    Insert,

    /// <summary>It loses its tag.</summary>
    Strip,
}

/// <summary>The VLAN that a frame belongs to, and whether its own tag says so.</summary>
/// <param name="Id">0 for none, 1 to 4094, or <see cref="Foreign"/>.</param>
/// <param name="IsTagged">Whether the frame has a tag.</param>
internal readonly record struct FrameVlan(ushort Id, bool IsTagged)
{
    /// <summary>The VLAN of frames with a service tag (IEEE 802.1ad) or the reserved id: none that a port can be given.</summary>
    public const ushort Foreign = 0xfff;

    private const ushort IdMask = 0xfff;
    private const int TagControl = 2 * MacAddress.Length + 2;

    /// <summary>Reads the outer tag of a frame.</summary>
    /// <param name="frame">The frame, or at least its first 14 bytes.</param>
    public static FrameVlan Of(ReadOnlySpan<byte> frame) => EthernetFrame.EtherType(frame) switch
    {
        EtherTypes.CustomerVlan when frame.Length >= TagControl + 2 => new FrameVlan((ushort)(BinaryPrimitives.ReadUInt16BigEndian(frame[TagControl..]) & IdMask), true),
        EtherTypes.CustomerVlan or EtherTypes.ServiceVlan => new FrameVlan(Foreign, true),
        _ => default,
    };
}

/// <summary>Puts a VLAN tag (IEEE 802.1Q) into a frame, and takes one out.</summary>
internal static class VlanTag
{
    private const int Position = 2 * MacAddress.Length;

    /// <summary>Writes the frame with its tag changed.</summary>
    /// <param name="frame">The whole frame.</param>
    /// <param name="tagging">What to do; not <see cref="Tagging.Keep"/>.</param>
    /// <param name="id">The VLAN to insert.</param>
    /// <param name="changed">Takes the frame.</param>
    /// <returns>The new length; 0 where the room does not suffice.</returns>
    public static int Change(ReadOnlySpan<byte> frame, Tagging tagging, ushort id, Span<byte> changed)
    {
        var length = frame.Length + (tagging == Tagging.Insert ? EthernetFrame.VlanTagLength : -EthernetFrame.VlanTagLength);
        if (length > changed.Length) return 0;
        frame[..Position].CopyTo(changed);
        if (tagging == Tagging.Insert)
        {
            BinaryPrimitives.WriteUInt16BigEndian(changed[Position..], EtherTypes.CustomerVlan);
            BinaryPrimitives.WriteUInt16BigEndian(changed[(Position + 2)..], id);
            frame[Position..].CopyTo(changed[(Position + EthernetFrame.VlanTagLength)..]);
        }
        else
        {
            frame[(Position + EthernetFrame.VlanTagLength)..].CopyTo(changed[Position..]);
        }

        return length;
    }
}
