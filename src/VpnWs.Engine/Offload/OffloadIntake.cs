using VpnWs.Ethernet;

namespace VpnWs.Offload;

/// <summary>What is to be done with a frame that our own kernel handed over.</summary>
internal enum IntakeAction : byte
{
    /// <summary>Carry it; the header is canonical and every peer's validator accepts it.</summary>
    Carry,

    /// <summary>Cut it with a <see cref="Segmenter"/> here: it is a super-frame that no validator lets through, such as one with tiny segments, or a tagged one that is longer than a message may be.</summary>
    Segment,

    /// <summary>Drop it: it is unfinished in a way that we do not know.</summary>
    Drop,
}

/// <summary>
/// Makes what was read from our own tap fit for the wire. Kernels write more than a peer may believe: an unfinished checksum inside a tunnel
/// (VXLAN, Geneve), for one, is finished here rather than sent on.
/// </summary>
internal static class OffloadIntake
{
    /// <summary>Makes <paramref name="header"/> canonical, finishing a checksum in <paramref name="frame"/> where that is needed.</summary>
    public static IntakeAction Take(ref VirtioNetHeader header, Span<byte> frame)
    {
        if (frame.Length <= EthernetFrame.MaxLength && OffloadValidator.TryNormalize(ref header, frame, out _)) return IntakeAction.Carry;
        if (header.IsSuperFrame) return Segmenter.CountSegments(header, frame) > 0 ? IntakeAction.Segment : IntakeAction.Drop;
        if (frame.Length is < EthernetFrame.HeaderLength or > EthernetFrame.MaxLength) return IntakeAction.Drop;
        if (header.NeedsChecksum && !ChecksumFinisher.Finish(frame, header)) return IntakeAction.Drop;
        header = default;
        return IntakeAction.Carry;
    }
}
