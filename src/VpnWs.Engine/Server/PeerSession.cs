using System.Net.Sockets;
using VpnWs.Switching;
using VpnWs.Transport;
using VpnWs.WebSockets;

namespace VpnWs.Server;

/// <summary>The receiving half of a peer: bytes to messages to frames to the switch, a batch at a time.</summary>
internal sealed class PeerSession(PeerPort port, Channel channel, FrameDispatcher dispatcher) : IDisposable
{
    private readonly FrameReader _reader = new(Endpoint.Server, FrameIntake.MaxMessageLength(port.HasOffload), port.IsClassic);
    private readonly ReceiveBuffer _buffer = new();
    private readonly FlushSet _touched = new();
    private Outbox? _congested;
    private bool _failed;

    /// <summary>Serves the peer until its connection ends; the reason is then the port's <see cref="PeerPort.EndReason"/>.</summary>
    /// <param name="early">Bytes that came with the request head.</param>
    /// <returns>Whether the close handshake was done, so that what the outbox still has should be sent before the connection is closed.</returns>
    public async Task<bool> RunAsync(ReadOnlyMemory<byte> early)
    {
        try
        {
            if (!early.IsEmpty)
            {
                _buffer.Append(early.Span);
                if (!Process()) return true;
            }

            return await ReceiveAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException or OperationCanceledException)
        {
            port.SetEndReason($"connection lost: {e.Message}");
            return false;
        }
        finally
        {
            Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _reader.Dispose();
        _buffer.Release();
    }

    private async Task<bool> ReceiveAsync()
    {
        while (true)
        {
            var wait = channel.WaitAsync(CancellationToken.None);
            if (!wait.IsCompleted) _buffer.Rest();
            await wait.ConfigureAwait(false);
            _buffer.Wake();
            var received = await channel.ReceiveAsync(_buffer.Prepare(), CancellationToken.None).ConfigureAwait(false);
            if (received == 0)
            {
                port.SetEndReason("the peer closed the connection");
                return false;
            }

            _buffer.Received(received);
            if (!Process()) return true;
            if (_congested is not null) await _congested.WaitForRoomAsync(port.LastHeard).ConfigureAwait(false);
        }
    }

    /// <summary>Parses and switches what has been received.</summary>
    /// <returns>False when the connection is done with.</returns>
    private bool Process()
    {
        var now = Environment.TickCount64;
        port.LastHeard = now;
        var before = port.Counters.FramesReceived;
        var goOn = ProcessMessages(now);
        port.Counters.CountBatch(port.Counters.FramesReceived - before);
        _congested = _touched.Flush(now);
        return goOn;
    }

    private bool ProcessMessages(long now)
    {
        while (true)
        {
            if (_failed)
            {
                // Our close frame is on its way; what still comes is thrown away until the peer closes.
                _buffer.Consume(_buffer.Unparsed.Length);
                return true;
            }

            _reader.CloseSent = port.IsClosing;
            _reader.Read(_buffer.Unparsed, out var item);
            switch (item.Status)
            {
                case ReadStatus.Message:
                    if (!port.IsClosing) ProcessMessage(item.Payload, item.MaskKey, now);
                    break;
                case ReadStatus.Ping:
                    if (!port.IsClosing) port.Pong(item.Payload);
                    break;
                case ReadStatus.Pong:
                    break;
                case ReadStatus.Close:
                    AnswerClose(item.CloseCode, item.Reason);
                    return false;
                case ReadStatus.Error:
                    port.Close(item.CloseCode, item.Reason ?? "protocol error");
                    _failed = true;
                    break;
                default:
                    _buffer.Consume(item.Consumed);
                    return true;
            }

            _buffer.Consume(item.Consumed);
        }
    }

    private void AnswerClose(ushort code, string? reason)
    {
        var said = code == CloseCode.NoStatus ? "" : $" with code {code}{(string.IsNullOrEmpty(reason) ? "" : $" ({reason})")}";
        port.Close(code, "", $"closed by the peer{said}");
    }

    private void ProcessMessage(Span<byte> payload, uint maskKey, long now)
    {
        var fault = FrameIntake.Take(payload, port.HasOffload, maskKey, out var frame);
        if (fault == DropReason.None)
        {
            dispatcher.Dispatch(port, ref frame, _touched, now);
            return;
        }

        port.Counters.CountReceived(payload.Length);
        port.Counters.CountDrop(fault);
    }
}
