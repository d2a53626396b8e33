using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace VpnWs.WebSockets;

/// <summary>
/// Takes messages and control frames off the start of a byte stream (RFC 6455 sections 5 to 7), without I/O: the caller keeps the
/// bytes and moves on by what was consumed. Call <see cref="Read"/> until it says <see cref="ReadStatus.NeedMoreData"/>; that last
/// call also gives the memory of a reassembled message back, so that an idle connection holds none. Not for two threads at once.
/// </summary>
/// <param name="role">Which end we are.</param>
/// <param name="maxMessageLength">
/// The longest message taken, in bytes, fragments summed up. The caller's buffer must hold this and <see cref="FrameWriter.MaxHeaderLength"/>
/// more, since a frame stays in the input until it is whole.
/// </param>
/// <param name="isClassic">Whether the peer is a classic client: forgiven pings and pongs that are not masked, and nothing else.</param>
internal sealed class FrameReader(Endpoint role, int maxMessageLength, bool isClassic = false) : IDisposable
{
    private const int WholeBinary = FrameHeader.FinalBit | (int)Opcode.Binary;
    private const int NoByte = -1;

    // The longest header with a length of up to 16 bits; every Ethernet frame in a message has more bytes than that.
    private const int FastInputLength = 2 + sizeof(ushort) + FrameHeader.MaskKeyLength;

    private readonly int _maxMessageLength = maxMessageLength >= 0
        ? maxMessageLength
        : throw new ArgumentOutOfRangeException(nameof(maxMessageLength));

    private readonly bool _readsMasked = role == Endpoint.Server;

    // What the first byte must be for the fast path: a whole binary message, or nothing while some state asks for the long way.
    private int _fastFirstByte = WholeBinary;

    private FragmentBuffer _fragments;
    private bool _inMessage;
    private ReadStatus _terminal = ReadStatus.NeedMoreData;
    private ushort _terminalCode;
    private string? _terminalReason;

    /// <summary>
    /// Set once our own close has gone out. From then on a close frame is taken whatever its payload says: the handshake is over
    /// anyway, and the classic Perl client answers with the forbidden code 1005.
    /// </summary>
    public bool CloseSent { get; set; }

    /// <summary>How many bytes of memory the message under reassembly holds.</summary>
    public int HeldBytes => _fragments.Capacity;

    /// <summary>
    /// Takes the next item off the start of the input. An error is told as soon as the bytes that show it are there. After a close or
    /// an error every further call gives the same status, code and reason with nothing consumed.
    /// </summary>
    /// <param name="input">The bytes received and not yet consumed. The payload of a control frame is unmasked in place.</param>
    /// <param name="result">The item. Its payload is valid until the next call and as long as the input is.</param>
    public void Read(Span<byte> input, out ReadResult result)
    {
        if (input.Length >= FastInputLength && input[0] == _fastFirstByte)
        {
            // A mask bit that is not as it must be lifts the number over every length.
            var length = _readsMasked ? input[1] ^ FrameHeader.MaskBit : input[1];
            var start = 2;
            if (length == FrameHeader.Length16)
            {
                var longer = BinaryPrimitives.ReadUInt16BigEndian(input[2..]);
                length = longer >= FrameHeader.Length16 ? longer : int.MaxValue;
                start += sizeof(ushort);
            }
            else if (length > FrameHeader.Length16)
            {
                length = int.MaxValue;
            }

            var key = 0u;
            if (_readsMasked)
            {
                key = MemoryMarshal.Read<uint>(input[start..]);
                start += FrameHeader.MaskKeyLength;
            }

            if (length <= _maxMessageLength && length <= input.Length - start)
            {
                result = new ReadResult
                {
                    Status = ReadStatus.Message,
                    Consumed = start + length,
                    Payload = input.Slice(start, length),
                    MaskKey = key,
                };
                return;
            }
        }

        ReadAny(input, out result);
    }

    /// <summary>Gives back the memory of a message under reassembly. The reader is not used after that.</summary>
    public void Dispose() => _fragments.Release();

    private void ReadAny(Span<byte> input, out ReadResult result)
    {
        if (_terminal != ReadStatus.NeedMoreData)
        {
            result = Terminal(0);
            return;
        }

        if (!_inMessage) ForgetMessage();
        var consumed = 0;
        while (true)
        {
            var rest = input[consumed..];
            var rules = new FrameRules(role, isClassic, _inMessage, _maxMessageLength - _fragments.Length);
            if (FrameHeader.Read(rest, rules, out var header) is { } violation)
            {
                result = End(ReadStatus.Error, violation.CloseCode, violation.Reason, consumed);
                return;
            }

            if (header.Length == 0 || rest.Length - header.Length < header.PayloadLength)
            {
                result = new ReadResult { Status = ReadStatus.NeedMoreData, Consumed = consumed };
                return;
            }

            var payload = rest.Slice(header.Length, header.PayloadLength);
            consumed += header.Length + header.PayloadLength;
            if (header.Opcode >= Opcode.Close)
            {
                Masking.Apply(payload, header.MaskKey);
                result = header.Opcode == Opcode.Close ? ReadClose(payload, consumed) : new ReadResult
                {
                    Status = header.Opcode == Opcode.Ping ? ReadStatus.Ping : ReadStatus.Pong,
                    Consumed = consumed,
                    Payload = payload,
                };
                return;
            }

            if (TakeData(header, payload, consumed, out result)) return;
        }
    }

    // True with the message once it is whole.
    private bool TakeData(scoped in FrameHeader header, Span<byte> payload, int consumed, out ReadResult result)
    {
        if (header.IsFinal && !_inMessage)
        {
            result = new ReadResult
            {
                Status = ReadStatus.Message,
                Consumed = consumed,
                Payload = payload,
                MaskKey = header.MaskKey,
            };
            return true;
        }

        _inMessage = !header.IsFinal;
        _fastFirstByte = NoByte;
        _fragments.Append(payload, header.MaskKey);
        result = new ReadResult { Status = ReadStatus.Message, Consumed = consumed, Payload = _fragments.Content };
        return header.IsFinal;
    }

    private ReadResult ReadClose(ReadOnlySpan<byte> payload, int consumed) =>
        ClosePayload.Read(payload, out var code, out var reason) is { } violation && !CloseSent
            ? End(ReadStatus.Error, violation.CloseCode, violation.Reason, consumed)
            : End(ReadStatus.Close, code, reason, consumed);

    private ReadResult End(ReadStatus status, ushort code, string? reason, int consumed)
    {
        _terminal = status;
        _terminalCode = code;
        _terminalReason = reason;
        _fragments.Release();
        _fastFirstByte = NoByte;
        return Terminal(consumed);
    }

    private ReadResult Terminal(int consumed) =>
        new() { Status = _terminal, Consumed = consumed, CloseCode = _terminalCode, Reason = _terminalReason };

    private void ForgetMessage()
    {
        _fragments.Release();
        _fastFirstByte = WholeBinary;
    }
}
