namespace VpnWs.Offload;

/// <summary>Takes frames in order; a struct, so that the call costs nothing.</summary>
internal interface IFrameSink
{
    /// <summary>Takes one frame and what is unfinished in it; the bytes are only there during the call.</summary>
    void Accept(in VirtioNetHeader header, ReadOnlySpan<byte> frame);
}
