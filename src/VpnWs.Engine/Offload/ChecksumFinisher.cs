using VpnWs.Ethernet;

namespace VpnWs.Offload;

/// <summary>
/// Fills in the checksum that a frame with <see cref="VirtioNetHeader.NeedsChecksum"/> still lacks: the complemented sum from csum_start to the end of the
/// frame, the field's own value (the sum of the pseudo-header) included. As in Linux, a checksum of zero is stored as 0xffff: UDP has zero for "none" (RFC 768).
/// </summary>
internal static class ChecksumFinisher
{
    private const ushort NotNone = ushort.MaxValue;

    /// <summary>Finishes <paramref name="frame"/> in place; false, and nothing touched, where the field does not lie in the frame.</summary>
    public static bool Finish(Span<byte> frame, in VirtioNetHeader header)
    {
        if (!HasField(frame.Length, header)) return false;
        Store(frame, header, InternetChecksum.Sum(frame[header.ChecksumStart..]));
        return true;
    }

    /// <summary>
    /// Copies <paramref name="frame"/> to the start of <paramref name="destination"/>, which is as long or longer, finishing the copy in the same
    /// pass: for a frame that others get unfinished. False, and nothing written, where the field does not lie in the frame.
    /// </summary>
    public static bool CopyFinished(ReadOnlySpan<byte> frame, in VirtioNetHeader header, Span<byte> destination)
    {
        if (!HasField(frame.Length, header)) return false;
        int start = header.ChecksumStart;
        frame[..start].CopyTo(destination);
        Store(destination, header, InternetChecksum.CopyAndSum(frame[start..], destination[start..]));
        return true;
    }

    private static bool HasField(int length, in VirtioNetHeader header) =>
        header.NeedsChecksum && header.ChecksumStart + header.ChecksumOffset + sizeof(ushort) <= length;

    private static void Store(Span<byte> frame, in VirtioNetHeader header, ulong sum)
    {
        var checksum = InternetChecksum.Finish(sum);
        InternetChecksum.Write(frame[(header.ChecksumStart + header.ChecksumOffset)..], checksum == 0 ? NotNone : checksum);
    }
}
