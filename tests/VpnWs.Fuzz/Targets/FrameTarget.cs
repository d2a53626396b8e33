using VpnWs.Transport;
using VpnWs.WebSockets;

namespace VpnWs.Fuzz.Targets;

/// <summary>The frame reader of a server and of a client: the same bytes whole and in pieces must be the same messages.</summary>
internal sealed class FrameTarget : FuzzTarget
{
    private const int Fixed = 4096;
    private const int PerByte = 8;

    private byte[] _buffer = [];

    public override string Name => "frames";

    // Reassembly doubles its buffer, which the pool mostly has; a whole stream is read twice.
    public override long MostAllocated(int length) => Fixed + ((long)PerByte * length);

    public override int Take(byte[] input)
    {
        if (input.Length == 0) return 0;

        // The first byte says who reads, and how the stream is torn.
        var kind = input[0];
        var stream = input.AsSpan(1);
        if (_buffer.Length < stream.Length) _buffer = new byte[Math.Max(stream.Length, 128 * 1024)];
        var whole = Read(kind, stream, stream.Length);
        var torn = Read(kind, stream, 1 + (kind >> 3));
        Require(whole == torn, "a stream in pieces is the stream");
        return whole;
    }

    private int Read(int kind, ReadOnlySpan<byte> stream, int step)
    {
        var hasOffload = (kind & 4) != 0;
        var most = FrameIntake.MaxMessageLength(hasOffload);
        using var reader = new FrameReader((kind & 1) == 0 ? Endpoint.Server : Endpoint.Client, most, (kind & 2) != 0);
        stream.CopyTo(_buffer);
        var (start, end, result) = (0, 0, 0);
        while (true)
        {
            reader.Read(_buffer.AsSpan(start, end - start), out var item);
            Require(item.Consumed >= 0 && item.Consumed <= end - start, "nothing is consumed that is not there");
            Require(item.Payload.Length <= most, "no message is over the limit");
            Require(reader.HeldBytes <= 2 * (most + FrameWriter.MaxHeaderLength), "reassembly is bounded");
            start += item.Consumed;
            if (item.Status == ReadStatus.Message) FrameIntake.Take(item.Payload, hasOffload, item.MaskKey, out _);
            if (item.Status != ReadStatus.NeedMoreData) result = HashCodeOf(result, item);
            if (item.Status is ReadStatus.Error or ReadStatus.Close) return result;
            if (item.Status != ReadStatus.NeedMoreData) continue;
            if (end == stream.Length) return result;
            end = Math.Min(stream.Length, end + step);
        }
    }

    // Not the framework's, which differs from run to run.
    private static int HashCodeOf(int before, in ReadResult item) => unchecked((((before * 31) + (int)item.Status) * 31) + item.CloseCode);
}
