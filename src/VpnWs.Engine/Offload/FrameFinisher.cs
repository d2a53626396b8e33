namespace VpnWs.Offload;

/// <summary>Makes of an unfinished frame, be it a super-frame or one that only lacks its checksum, the frames that a port without offload takes.</summary>
internal ref struct FrameFinisher
{
    private readonly VirtioNetHeader _header;
    private readonly ReadOnlySpan<byte> _frame;
    private Segmenter _segmenter;
    private bool _isSingle;

    /// <summary>Looks at <paramref name="frame"/>, which must stay as it is until the last finished frame is written.</summary>
    public FrameFinisher(in VirtioNetHeader header, ReadOnlySpan<byte> frame)
    {
        _header = header;
        _frame = frame;
        _isSingle = !header.IsSuperFrame;
        if (!_isSingle) _segmenter = new Segmenter(header, frame);
    }

    /// <summary>Writes the next frame to the start of <paramref name="destination"/>, which is as long as the whole; false, and nothing written, behind the last one.</summary>
    public bool Next(Span<byte> destination, out int length)
    {
        if (!_isSingle) return _segmenter.Next(destination, out length);
        _isSingle = false;
        length = _frame.Length;
        return ChecksumFinisher.CopyFinished(_frame, _header, destination);
    }
}
