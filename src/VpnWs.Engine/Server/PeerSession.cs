using System.Net.Sockets;
using System.Runtime.CompilerServices;
using VpnWs.Switching;
using VpnWs.Transport;
using VpnWs.WebSockets;

namespace VpnWs.Server;

/// <summary>The receiving half of a peer: bytes to messages to frames to the switch, a batch at a time.</summary>
internal sealed class PeerSession : IDisposable
{
    // For the length of a batch, which never waits: a peer that is silent needs none.
    [ThreadStatic]
    private static FlushSet? s_touched;

    private readonly PeerPort _port;
    private readonly Channel _channel;
    private readonly FrameDispatcher _dispatcher;
    private readonly FrameReader _reader;
    private readonly ReceiveBuffer _buffer = new();
    private Outbox? _congested;
    private bool _failed;

    /// <param name="port">The peer.</param>
    /// <param name="channel">Its connection.</param>
    /// <param name="dispatcher">Takes its frames.</param>
    /// <param name="early">Bytes that came with the request head.</param>
    public PeerSession(PeerPort port, Channel channel, FrameDispatcher dispatcher, ReadOnlySpan<byte> early)
    {
        (_port, _channel, _dispatcher) = (port, channel, dispatcher);
        _reader = new FrameReader(Endpoint.Server, FrameIntake.MaxMessageLength(port.HasOffload), port.IsClassic);
        if (!early.IsEmpty) _buffer.Append(early);
    }

    /// <summary>Serves the peer until its connection ends; the reason is then the port's <see cref="PeerPort.EndReason"/>.</summary>
    /// <returns>Whether the close handshake was done, so that what the outbox still has should be sent before the connection is closed.</returns>
    public async Task<bool> RunAsync()
    {
        try
        {
            if (!_buffer.Unparsed.IsEmpty && !Process()) return true;
            while (true)
            {
                var wait = _channel.WaitAsync(CancellationToken.None);
                if (!wait.IsCompleted) _buffer.Rest();
                await wait.ConfigureAwait(false);
                _buffer.Wake();
                var received = await _channel.ReceiveAsync(_buffer.Prepare(), CancellationToken.None).ConfigureAwait(false);
                if (received == 0)
                {
                    _port.SetEndReason("the peer closed the connection");
                    return false;
                }

                _buffer.Received(received);
                if (!Process()) return true;
                if (_congested is not null) await _congested.WaitForRoomAsync(_port.LastHeard).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException or OperationCanceledException)
        {
            _port.SetEndReason($"connection lost: {e.Message}");
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

    /// <summary>Parses and switches what has been received.</summary>
    /// <returns>False when the connection is done with.</returns>
    private bool Process()
    {
        var now = Environment.TickCount64;
        _port.LastHeard = now;
        var before = _port.Counters.FramesReceived;
        var touched = s_touched ??= new FlushSet();
        var goOn = ProcessMessages(touched, now);
        _port.Counters.CountBatch(_port.Counters.FramesReceived - before);
        _congested = touched.Flush(now);
        return goOn;
    }

    private bool ProcessMessages(FlushSet touched, long now)
    {
        while (true)
        {
            if (_failed)
            {
                // Our close frame is on its way; what still comes is thrown away until the peer closes.
                _buffer.Consume(_buffer.Unparsed.Length);
                return true;
            }

            _reader.CloseSent = _port.IsClosing;
            _reader.Read(_buffer.Unparsed, out var item);
            switch (item.Status)
            {
                case ReadStatus.Message:
                    if (!_port.IsClosing) ProcessMessage(item.Payload, item.MaskKey, touched, now);
                    break;
                case ReadStatus.Ping:
                    if (!_port.IsClosing) _port.Pong(item.Payload);
                    break;
                case ReadStatus.Pong:
                    break;
                case ReadStatus.Close:
                    AnswerClose(item.CloseCode, item.Reason);
                    return false;
                case ReadStatus.Error:
                    _port.Close(item.CloseCode, item.Reason ?? "protocol error");
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
        _port.Close(code, "", $"closed by the peer{said}");
    }

    // Not part of its caller: among thousands of idle peers most of what that meets is pongs, and what it is compiled for would be those.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ProcessMessage(Span<byte> payload, uint maskKey, FlushSet touched, long now)
    {
        var fault = FrameIntake.Take(payload, _port.HasOffload, maskKey, out var frame);
        if (fault == DropReason.None)
        {
            _dispatcher.Dispatch(_port, ref frame, touched, now);
            return;
        }

        _port.Counters.CountReceived(payload.Length);
        _port.Counters.CountDrop(fault);
    }
}
