using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using VpnWs.Http;
using VpnWs.Transport;
using VpnWs.Uwsgi;
using VpnWs.WebSockets;

namespace VpnWs.Server;

/// <summary>Takes a fresh connection through its request head, within a bounded time and size, and hands it on: to the control interface, to the peers, or out.</summary>
/// <param name="options">The bounds.</param>
/// <param name="loops">Serve the connections.</param>
/// <param name="peers">Takes those who are let in.</param>
/// <param name="rules">Say who may what.</param>
/// <param name="control">What the control interface controls.</param>
/// <param name="refusals">Takes what is refused.</param>
/// <param name="stopping">Ends what is still in its handshake.</param>
internal sealed class HandshakeService(
    VpnWsServerOptions options, EventLoops loops, PeerTable peers, RuleBook rules, IControlTarget control, RefusalReporter refusals, CancellationToken stopping)
{
    private const int FirstRead = 2048;
    private static readonly TimeSpan LingerTime = TimeSpan.FromSeconds(2);

    private readonly HttpGate _gate = new(options);
    private int _underWay;

    /// <summary>Serves a connection from its first byte; never throws and never waits for its caller.</summary>
    public void Accept(Socket socket, HandshakeSource source)
    {
        if (Interlocked.Increment(ref _underWay) > options.MaxHandshakes)
        {
            Interlocked.Decrement(ref _underWay);
            socket.Dispose();
            Report("", "too many handshakes at once");
            return;
        }

        _ = ServeAsync(socket, source);
    }

    private async Task ServeAsync(Socket socket, HandshakeSource source)
    {
        var remote = "";
        var counted = true;
        Channel? channel = null;
        try
        {
            remote = Describe(socket);
            SocketTuning.Apply(socket, options.PingInterval + options.PingTimeout);
            RequestHead? head;
            using (var timeout = CancellationTokenSource.CreateLinkedTokenSource(stopping))
            {
                timeout.CancelAfter(options.HandshakeTimeout);
                channel = await OpenAsync(socket, source, timeout.Token).ConfigureAwait(false);
                head = await ReadHeadAsync(channel, source, remote, timeout.Token).ConfigureAwait(false);
            }

            if (head is null) return;
            if (head.Request.Modifier1 == UwsgiPacket.Control || source == HandshakeSource.Control)
            {
                await ControlAsync(channel, head.Request, remote).ConfigureAwait(false);
                return;
            }

            var (request, refusal) = source == HandshakeSource.Http ? await PassGateAsync(head.Request, socket, channel).ConfigureAwait(false) : (head.Request, null);
            var verdict = refusal ?? Judge(request, source);
            remote = request.RemoteAddress ?? remote;
            if (verdict is not HandshakeVerdict.Accepted accepted)
            {
                var refused = (HandshakeVerdict.Refused)verdict;
                await RefuseAsync(channel, remote, refused.Explanation, refused.Status).ConfigureAwait(false);
            }
            else if (!peers.TryReserve())
            {
                await RefuseAsync(channel, remote, "The server is full.", 503).ConfigureAwait(false);
            }
            else
            {
                counted = false;
                Interlocked.Decrement(ref _underWay);
                await peers.ServeAsync(channel, request, accepted, source, remote, head.Early).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException or ObjectDisposedException or OperationCanceledException)
        {
            Report(remote, Explain(e));
        }
        finally
        {
            if (counted) Interlocked.Decrement(ref _underWay);
            channel?.Dispose();
            socket.Dispose();
        }
    }

    private HandshakeVerdict Judge(HandshakeRequest request, HandshakeSource source)
    {
        var rule = rules.Judge(request, source == HandshakeSource.Uwsgi);
        var verdict = HandshakeJudge.Judge(request, source, rule.Limits.Bridge, options.Offload);
        return verdict is HandshakeVerdict.Accepted accepted && RuleBook.Objection(rule, accepted.Mac) is { } refused ? refused : verdict;
    }

    private async Task<Channel> OpenAsync(Socket socket, HandshakeSource source, CancellationToken cancellationToken) =>
        source == HandshakeSource.Http && options.HttpTls is { } tls
            ? await TlsChannel.AcceptAsync(loops.Open(socket), tls(), cancellationToken).ConfigureAwait(false)
            : loops.Open(socket);

    private async Task<(HandshakeRequest Request, HandshakeVerdict.Refused? Refusal)> PassGateAsync(HandshakeRequest request, Socket socket, Channel channel)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        timeout.CancelAfter(options.HandshakeTimeout);
        return await _gate.PassAsync(request, (socket.RemoteEndPoint as IPEndPoint)?.Address, (channel as TlsChannel)?.PeerSubject, timeout.Token).ConfigureAwait(false);
    }

    private async Task ControlAsync(Channel channel, HandshakeRequest request, string remote)
    {
        if (request.Modifier1 != UwsgiPacket.Control && HttpGate.Objection(request, isUnix: remote.Length == 0) is { } refused)
            await RefuseAsync(channel, remote, refused.Explanation, refused.Status).ConfigureAwait(false);
        else
            await AnswerAsync(channel, await Task.Run(() => ControlInterface.Answer(request.Query, control)).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private async Task<RequestHead?> ReadHeadAsync(Channel channel, HandshakeSource source, string remote, CancellationToken cancellationToken)
    {
        await channel.WaitAsync(cancellationToken).ConfigureAwait(false);
        var buffer = ArrayPool<byte>.Shared.Rent(FirstRead);
        var length = 0;
        try
        {
            while (true)
            {
                var received = await channel.ReceiveAsync(buffer.AsMemory(length), cancellationToken).ConfigureAwait(false);
                if (received == 0)
                {
                    if (length > 0) Report(remote, "the connection ended within the request head");
                    return null;
                }

                length += received;
                var result = Parse(buffer.AsSpan(0, length), source, out var head, out var fault);
                if (result == HeadParseStatus.Complete) return head;
                if (result != HeadParseStatus.NeedMoreData)
                {
                    await RefuseAsync(channel, remote, fault!.Text, fault.Status).ConfigureAwait(false);
                    return null;
                }

                if (length == buffer.Length) RentedBuffer.MakeRoom(ref buffer, length, 1);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private HeadParseStatus Parse(ReadOnlySpan<byte> input, HandshakeSource source, out RequestHead? head, out HeadError? fault)
    {
        // The control interface is asked in either way: no method of HTTP begins with uwsgi's modifier1.
        var isUwsgi = source == HandshakeSource.Uwsgi || (source == HandshakeSource.Control && input is [UwsgiPacket.Control, ..]);
        var result = isUwsgi
            ? UwsgiPacket.TryParse(input, options.MaxHeadLength, out var request, out var consumed, out fault)
            : HttpRequestHead.TryParse(input, options.MaxHeadLength, out request, out consumed, out fault);
        head = result == HeadParseStatus.Complete ? new RequestHead(request!, input[consumed..].ToArray()) : null;
        return result;
    }

    private void Report(string remote, string reason) => refusals.Refused(remote, reason, Environment.TickCount64);

    private string Explain(Exception e) => e is AuthenticationException ? $"TLS: {(e.InnerException ?? e).Message}"
        : e is not OperationCanceledException ? e.Message
        : stopping.IsCancellationRequested ? "the server is stopping"
        : "the handshake took too long";

    private async Task RefuseAsync(Channel channel, string remote, string explanation, int status)
    {
        Report(remote, $"{explanation} ({status})");
        await AnswerAsync(channel, HttpResponse.Error(status, explanation)).ConfigureAwait(false);
    }

    /// <summary>Sends an answer and lets the other end read it: closing at once could reset the connection under it.</summary>
    private static async Task AnswerAsync(Channel channel, ReadOnlyMemory<byte> answer)
    {
        using var timeout = new CancellationTokenSource(LingerTime);
        var sink = ArrayPool<byte>.Shared.Rent(FirstRead);
        try
        {
            await channel.SendAsync(answer, timeout.Token).ConfigureAwait(false);
            await channel.ShutdownSendAsync().ConfigureAwait(false);
            while (await channel.ReceiveAsync(sink, timeout.Token).ConfigureAwait(false) > 0)
            {
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
        {
            // It had its time, or does not care for the answer.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(sink);
        }
    }

    private static string Describe(Socket socket) => socket.RemoteEndPoint is IPEndPoint { } address
        ? (address.Address.IsIPv4MappedToIPv6 ? address.Address.MapToIPv4() : address.Address).ToString()
        : "";

    private sealed record RequestHead(HandshakeRequest Request, byte[] Early);
}
