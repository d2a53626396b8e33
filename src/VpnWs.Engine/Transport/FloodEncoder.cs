using VpnWs.Ethernet;
using VpnWs.Offload;
using VpnWs.WebSockets;

namespace VpnWs.Transport;

/// <summary>Encodes a flooded frame once for all the peers that it goes to: once as it is for those with offload, once finished for the others.</summary>
internal sealed class FloodEncoder
{
    [ThreadStatic]
    private static FloodEncoder? s_ofThread;

    private readonly byte[] _withHeader = new byte[FrameWriter.MaxHeaderLength + Frame.OffloadHeaderLength + PacketLayout.MaxFrameLength];
    private readonly byte[] _plain = new byte[4 * PacketLayout.MaxFrameLength];
    private int _withHeaderLength;
    private int _plainLength;
    private bool _isPlainMade;

    /// <summary>How many frames the plain form has: those that a super-frame is cut into, otherwise one.</summary>
    public int PlainFrames { get; private set; }

    /// <summary>How many bytes those frames have together, without their message headers.</summary>
    public int PlainBytes { get; private set; }

    /// <summary>The calling thread's encoder, for the next frame.</summary>
    public static FloodEncoder Begin()
    {
        var encoder = s_ofThread ??= new FloodEncoder();
        encoder._withHeaderLength = encoder._plainLength = 0;
        encoder._isPlainMade = false;
        return encoder;
    }

    /// <summary>The unmasked message for peers with offload.</summary>
    public ReadOnlySpan<byte> WithHeader(ref Frame frame)
    {
        if (_withHeaderLength == 0)
        {
            var payload = Frame.OffloadHeaderLength + frame.Length;
            var header = FrameWriter.WriteHeader(_withHeader, Opcode.Binary, payload);
            frame.Offload.Write(_withHeader.AsSpan(header));
            frame.CopyTo(_withHeader.AsSpan(header + Frame.OffloadHeaderLength));
            _withHeaderLength = header + payload;
        }

        return _withHeader.AsSpan(0, _withHeaderLength);
    }

    /// <summary>The unmasked messages for peers without offload; none where they are too many to be kept, or where the frame cannot be finished.</summary>
    public ReadOnlySpan<byte> Plain(ref Frame frame)
    {
        if (!_isPlainMade)
        {
            _isPlainMade = true;
            PlainFrames = PlainBytes = 0;
            if (frame.Offload.IsPlain)
                Add(frame.Clear());
            else if (!TryFinish(ref frame))
                _plainLength = 0;
        }

        return _plain.AsSpan(0, _plainLength);
    }

    private bool TryFinish(ref Frame frame)
    {
        var finisher = new FrameFinisher(frame.Offload, frame.Clear());
        // A finished frame is made where its longest message would start, and moved next to its own.
        while (_plain.Length - _plainLength >= FrameWriter.MaxHeaderLength + PacketLayout.MaxFrameLength)
        {
            var room = _plain.AsSpan(_plainLength + FrameWriter.MaxHeaderLength);
            if (!finisher.Next(room, out var length)) return true;
            Add(room[..length]);
        }

        return false;
    }

    private void Add(ReadOnlySpan<byte> finished)
    {
        var room = _plain.AsSpan(_plainLength);
        // The header is shorter than the gap in front of a frame that is moved, so the frame goes first.
        var header = FrameWriter.HeaderLength(finished.Length, masked: false);
        finished.CopyTo(room[header..]);
        FrameWriter.WriteHeader(room, Opcode.Binary, finished.Length);
        _plainLength += header + finished.Length;
        PlainFrames++;
        PlainBytes += finished.Length;
    }
}
