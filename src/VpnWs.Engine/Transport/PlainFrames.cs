using VpnWs.Offload;

namespace VpnWs.Transport;

/// <summary>
/// The whole frames that a port without offload gets for an unfinished one: the segments of a super-frame, or the one frame with its checksum finished.
/// None where the header does not fit the frame.
/// </summary>
internal ref struct PlainFrames
{
    private readonly VirtioNetHeader _header;
    private readonly ReadOnlySpan<byte> _frame;
    private Segmenter _segmenter;
    private bool _isSingle;

    /// <summary>Looks at a frame, which must stay as it is until the last of its plain ones is written.</summary>
    public PlainFrames(in VirtioNetHeader header, ReadOnlySpan<byte> frame)
    {
        _header = header;
        _frame = frame;
        _isSingle = !header.IsSuperFrame;
        if (header.IsSuperFrame) _segmenter = new Segmenter(header, frame);
    }

    /// <summary>Writes the next plain frame to the start of <paramref name="destination"/>, which is as long as the unfinished one or longer; false behind the last.</summary>
    public bool Next(Span<byte> destination, out int length)
    {
        if (!_isSingle) return _segmenter.Next(destination, out length);
        _isSingle = false;
        var isFinished = ChecksumFinisher.CopyFinished(_frame, _header, destination);
        length = isFinished ? _frame.Length : 0;
        return isFinished;
    }
}
