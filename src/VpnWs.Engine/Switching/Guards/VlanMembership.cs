using System.Buffers.Binary;
using VpnWs.Ethernet;

namespace VpnWs.Switching.Guards;

/// <summary>Which VLANs a port belongs to: one, whose frames it sends and gets without a tag (an access port), or a list of them, with tags.</summary>
internal sealed class VlanMembership
{
    private const int InnerType = (2 * MacAddress.Length) + EthernetFrame.VlanTagLength;

    private readonly ushort? _access;
    private readonly ulong[] _tagged;

    private VlanMembership(ushort? access, ulong[] tagged) => (_access, _tagged) = (access, tagged);

    /// <summary>Whether frames to the port lose their tag, and those from it have none.</summary>
    public bool IsAccess => _access is not null;

    /// <summary>An access port; VLAN 0 is the LAN without tags.</summary>
    public static VlanMembership Access(ushort id) => new(id, []);

    /// <summary>A port with tags; VLAN 0 in the list stands for frames without one.</summary>
    public static VlanMembership Tagged(params IEnumerable<VlanRange> ranges)
    {
        var set = new ulong[(VlanRange.Highest / 64) + 1];
        foreach (var range in ranges)
        {
            for (var id = range.First; id <= range.Last; id++) set[id / 64] |= 1UL << (id % 64);
        }

        return new VlanMembership(null, set);
    }

    /// <summary>Whether the port may send such a frame, and which VLAN it then belongs to. Service tags and second tags are for nobody: who strips the first could be led into another VLAN.</summary>
    public bool TryClassify(ReadOnlySpan<byte> frame, out FrameVlan vlan)
    {
        vlan = FrameVlan.Of(frame);
        if (_access is { } id)
        {
            var isTagged = vlan.IsTagged;
            vlan = new FrameVlan(id, false);
            return !isTagged;
        }

        return Includes(vlan.Id) && !(vlan.IsTagged && IsTag(frame));
    }

    /// <summary>Whether frames of a VLAN are for the port.</summary>
    public bool Includes(ushort id) => _access is { } own ? own == id : id <= VlanRange.Highest && (_tagged[id / 64] & (1UL << (id % 64))) != 0;

    private static bool IsTag(ReadOnlySpan<byte> frame) =>
        frame.Length >= InnerType + 2 && BinaryPrimitives.ReadUInt16BigEndian(frame[InnerType..]) is EtherTypes.CustomerVlan or EtherTypes.ServiceVlan;
}
