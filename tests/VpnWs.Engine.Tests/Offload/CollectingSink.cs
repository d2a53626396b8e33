using VpnWs.Offload;

namespace VpnWs.Tests.Offload;

/// <summary>Keeps a copy of every frame.</summary>
internal readonly struct CollectingSink : IFrameSink
{
    public CollectingSink()
    {
    }

    public List<(VirtioNetHeader Header, byte[] Frame)> Frames { get; } = [];

    public void Accept(in VirtioNetHeader header, ReadOnlySpan<byte> frame) => Frames.Add((header, frame.ToArray()));
}

/// <summary>Cuts and joins whole lists of frames.</summary>
internal static class Batches
{
    public static List<byte[]> Cut(in VirtioNetHeader header, ReadOnlySpan<byte> frame)
    {
        var segments = new List<byte[]>();
        var segmenter = new Segmenter(header, frame);
        var buffer = new byte[segmenter.MaxSegmentLength];
        while (segmenter.Next(buffer, out var length)) segments.Add(buffer[..length]);
        return segments;
    }

    public static List<(VirtioNetHeader Header, byte[] Frame)> Join(Coalescer coalescer, IEnumerable<(VirtioNetHeader Header, byte[] Frame)> frames)
    {
        var sink = new CollectingSink();
        foreach (var (header, frame) in frames) coalescer.Add(header, frame, ref sink);
        coalescer.Flush(ref sink);
        return sink.Frames;
    }

    public static List<(VirtioNetHeader Header, byte[] Frame)> JoinPlain(Coalescer coalescer, IEnumerable<byte[]> frames) =>
        Join(coalescer, frames.Select(frame => (default(VirtioNetHeader), frame)));
}
