using VpnWs.Switching;
using VpnWs.Transport;
using VpnWs.WebSockets;

namespace VpnWs.Client;

/// <summary>The receiving half of a client's link: bytes to messages to frames to the tap.</summary>
/// <param name="connection">The connection after its handshake.</param>
/// <param name="tap">Where the frames go.</param>
/// <param name="sender">Where answers to pings and closes go.</param>
/// <param name="counters">What is written to the tap counts as sent.</param>
internal sealed class LinkReceiver(ClientConnection connection, TapWriter tap, LinkSender sender, PortCounters counters) : IDisposable
{
    private readonly FrameReader _reader = new(Endpoint.Client, FrameIntake.MaxMessageLength(connection.HasOffload));
    private readonly ReceiveBuffer _buffer = new();
    private readonly bool _hasOffload = connection.HasOffload;
    private long _messages;
    private long _lastHeard = Environment.TickCount64;

    /// <summary>When something last came, in monotonic milliseconds.</summary>
    public long LastHeard => Volatile.Read(ref _lastHeard);

    /// <summary>Whether the server has ever answered a ping: only then does a missing answer mean anything.</summary>
    public bool HasPong { get; private set; }

    /// <summary>Receives until the link ends; blocks its thread.</summary>
    /// <returns>Why it ended, in words.</returns>
    /// <exception cref="IOException">The connection is gone.</exception>
    public string Run()
    {
        while (true)
        {
            var received = connection.Receive(_buffer.Prepare());
            if (received == 0) return "the server closed the connection";
            Volatile.Write(ref _lastHeard, Environment.TickCount64);
            _buffer.Received(received);
            _messages = 0;
            var reason = Process();
            counters.CountBatch(_messages);
            tap.Flush();
            if (reason is not null) return reason;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _reader.Dispose();
        _buffer.Release();
    }

    private string? Process()
    {
        while (true)
        {
            _reader.Read(_buffer.Unparsed, out var item);
            switch (item.Status)
            {
                case ReadStatus.Message:
                    Write(item.Payload, item.MaskKey);
                    break;
                case ReadStatus.Ping:
                    sender.SendControl(Opcode.Pong, item.Payload);
                    break;
                case ReadStatus.Pong:
                    HasPong = true;
                    break;
                case ReadStatus.Close:
                    sender.SendClose(item.CloseCode, "");
                    return item.CloseCode == CloseCode.NoStatus
                        ? "the server closed the link"
                        : $"the server closed the link with code {item.CloseCode}{(string.IsNullOrEmpty(item.Reason) ? "" : $": {item.Reason}")}";
                case ReadStatus.Error:
                    sender.SendClose(item.CloseCode, item.Reason ?? "");
                    return $"the server broke the protocol: {item.Reason}";
                default:
                    _buffer.Consume(item.Consumed);
                    return null;
            }

            _buffer.Consume(item.Consumed);
        }
    }

    private void Write(Span<byte> payload, uint maskKey)
    {
        _messages++;
        var fault = FrameIntake.Take(payload, _hasOffload, maskKey, out var frame);
        if (fault == DropReason.None)
            tap.Write(ref frame);
        else
            counters.CountDrop(fault);
    }
}
