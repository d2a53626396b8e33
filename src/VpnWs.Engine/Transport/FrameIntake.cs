using VpnWs.Ethernet;
using VpnWs.Offload;
using VpnWs.Switching;
using VpnWs.WebSockets;

namespace VpnWs.Transport;

/// <summary>Makes a frame of a message's payload, and checks what came over the network before anyone believes it.</summary>
internal static class FrameIntake
{
    /// <summary>How many bytes are unmasked before the switch looks at a frame: far more than it looks at.</summary>
    private const int HeadLength = 256;

    /// <summary>The longest message that a peer may send, in bytes: a header and a super-frame with two VLAN tags where offload is spoken, else the largest frame.</summary>
    public static int MaxMessageLength(bool hasOffload) =>
        hasOffload ? Frame.OffloadHeaderLength + PacketLayout.MaxFrameLength : EthernetFrame.MaxLength;

    /// <summary>Takes a payload.</summary>
    /// <param name="payload">The payload, which is written to where it is unmasked.</param>
    /// <param name="hasOffload">Whether it starts with a virtio_net_hdr.</param>
    /// <param name="maskKey">The key that it is masked with, 0 for none.</param>
    /// <param name="frame">The frame.</param>
    /// <returns>Why it must be dropped, or <see cref="DropReason.None"/>.</returns>
    public static DropReason Take(Span<byte> payload, bool hasOffload, uint maskKey, out Frame frame)
    {
        var prefix = hasOffload ? Frame.OffloadHeaderLength : 0;
        var clear = payload.Length;
        if (clear < prefix + EthernetFrame.HeaderLength)
        {
            frame = default;
            return DropReason.Runt;
        }

        if (maskKey != 0)
        {
            clear = Math.Min(clear, HeadLength);
            Masking.Apply(payload[..clear], maskKey);
        }

        frame = new Frame(payload[prefix..], maskKey, prefix, clear - prefix);
        if (hasOffload && !TakeHeader(payload, payload[prefix..], ref frame)) return DropReason.InvalidOffloadHeader;

        // Who gets it finished, or in pieces, would close the connection for a message that is too long.
        return frame.FinishedLength > EthernetFrame.MaxLength ? DropReason.Oversize : DropReason.None;
    }

    private static bool TakeHeader(ReadOnlySpan<byte> payload, ReadOnlySpan<byte> bytes, ref Frame frame)
    {
        var header = VirtioNetHeader.Read(payload);
        if (header == default) return true;

        // Whether a super-frame is valid is told by its headers, read one after the other: where they end within what is clear, nothing else has been looked at.
        var isValid = header.IsSuperFrame && OffloadValidator.TryNormalize(ref header, bytes, out _) && header.HeaderLength <= frame.Head.Length;
        if (!isValid)
        {
            header = VirtioNetHeader.Read(payload);
            if (!OffloadValidator.TryNormalize(ref header, frame.Clear(), out _)) return false;
        }

        frame.Offload = header;
        return true;
    }
}
