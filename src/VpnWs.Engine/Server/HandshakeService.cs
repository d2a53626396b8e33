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
/// <param name="limits">What one client may have.</param>
/// <param name="stopping">Ends what is still in its handshake.</param>
internal sealed class HandshakeService(
    VpnWsServerOptions options, EventLoops loops, PeerTable peers, RuleBook rules, IControlTarget control, RefusalReporter refusals, ClientLimits limits, CancellationToken stopping)
{
    private const int FirstRead = 2048;
    private const int TooMany = 429;
    private static readonly TimeSpan LingerTime = TimeSpan.FromSeconds(2);

    private readonly HttpGate _gate = new(options, limits);

    // Each kind of listener has places of its own: strangers at one do not keep a web server or an operator out at another.
    private readonly HandshakePlaces[] _places = [.. Enum.GetValues<HandshakeSource>().Select(_ => new HandshakePlaces(options.MaxHandshakes))];
    private int _controlRequests;

    /// <summary>Serves a connection from its first byte; never throws and never waits for its caller.</summary>
    public void Accept(Socket socket, HandshakeSource source)
    {
        var now = Environment.TickCount64;
        var client = DirectClient(socket, source);
        if (limits.BeginHandshake(client, now) is { } objection)
        {
            var remote = Describe(socket);
            socket.Dispose();
            Report(remote, objection);
        }
        else if (_places[(int)source].TryTake(now) is { } place)
        {
            _ = ServeAsync(socket, source, place, client);
        }
        else
        {
            limits.EndHandshake(client);
            socket.Dispose();
            Report("", $"there are {options.MaxHandshakes} handshakes at once, the most allowed");
        }
    }

    private async Task ServeAsync(Socket socket, HandshakeSource source, HandshakePlaces.Place place, IPAddress? client)
    {
        var remote = "";
        // Under whose address the handshake is counted for as long as it lasts.
        var counted = client;
        Channel? channel = null;
        var isServed = false;
        try
        {
            remote = Describe(socket);
            SocketTuning.Apply(socket, options.PingInterval + options.PingTimeout);
            RequestHead? head;
            using (var timeout = CancellationTokenSource.CreateLinkedTokenSource(stopping, place.Pushed))
            {
                timeout.CancelAfter(options.HandshakeTimeout);
                channel = await OpenAsync(socket, source, timeout.Token).ConfigureAwait(false);
                head = await ReadHeadAsync(channel, source, remote, timeout.Token).ConfigureAwait(false);
            }

            if (head is null) return;
            place.Settle();
            if (head.Request.Modifier1 == UwsgiPacket.Control || source == HandshakeSource.Control)
            {
                await ControlAsync(channel, head.Request, remote).ConfigureAwait(false);
                return;
            }

            var request = source == HandshakeSource.Http ? _gate.Identify(head.Request, AddressOf(socket), (channel as TlsChannel)?.PeerSubject) : head.Request;
            remote = request.RemoteAddress ?? remote;
            if (client is null && ClientAddress.KeyOf(request.RemoteAddress) is { } forwarded)
            {
                if (limits.BeginHandshake(forwarded, Environment.TickCount64) is { } objection)
                {
                    await RefuseAsync(channel, remote, objection, TooMany, request).ConfigureAwait(false);
                    return;
                }

                client = counted = forwarded;
            }

            (request, var refusal) = source == HandshakeSource.Http ? await PassGateAsync(request, client).ConfigureAwait(false) : (request, null);
            var verdict = refusal ?? Judge(request, source);
            if (verdict is not HandshakeVerdict.Accepted accepted)
            {
                var refused = (HandshakeVerdict.Refused)verdict;
                await RefuseAsync(channel, remote, refused.Explanation, refused.Status, request).ConfigureAwait(false);
                return;
            }

            var user = PeerPort.IdentityOf(request);
            if (limits.Join(client, user) is { } full)
            {
                await RefuseAsync(channel, remote, full, TooMany, request).ConfigureAwait(false);
                return;
            }

            if (!peers.TryReserve())
            {
                limits.Leave(client, user);
                await RefuseAsync(channel, remote, "The server is full.", 503, request).ConfigureAwait(false);
                return;
            }

            place.Dispose();
            limits.EndHandshake(counted);
            counted = null;
            isServed = true;
            _ = SeeOutAsync(peers.ServeAsync(channel, request, accepted, source, remote, head.Early), channel, remote, client, user);
        }
        catch (Exception e) when (IsExpected(e))
        {
            Report(remote, Explain(e, place));
        }
        finally
        {
            place.Dispose();
            limits.EndHandshake(counted);
            if (!isServed)
            {
                channel?.Dispose();
                socket.Dispose();
            }
        }
    }

    // On its own, since what only the handshake needs would otherwise be held for as long as the peer stays.
    private async Task SeeOutAsync(Task peer, Channel channel, string remote, IPAddress? client, string? user)
    {
        try
        {
            await peer.ConfigureAwait(false);
        }
        catch (Exception e) when (IsExpected(e))
        {
            Report(remote, e.Message);
        }
        finally
        {
            limits.Leave(client, user);
            channel.Dispose();
        }
    }

    private static bool IsExpected(Exception e) =>
        e is SocketException or IOException or AuthenticationException or ObjectDisposedException or OperationCanceledException;

    private HandshakeVerdict Judge(HandshakeRequest request, HandshakeSource source)
    {
        var rule = rules.Judge(request.RemoteUser, request.DistinguishedName, source == HandshakeSource.Uwsgi);
        var verdict = HandshakeJudge.Judge(request, source, rule.Limits.Bridge, options.Offload);
        return verdict is HandshakeVerdict.Accepted accepted && RuleBook.Objection(rule, accepted.Mac) is { } refused ? refused : verdict;
    }

    /// <summary>The address of a client that connects without a proxy between.</summary>
    private IPAddress? DirectClient(Socket socket, HandshakeSource source) =>
        source == HandshakeSource.Http && AddressOf(socket) is { } address && !_gate.IsTrusted(address) ? ClientAddress.KeyOf(address) : null;

    private async Task<Channel> OpenAsync(Socket socket, HandshakeSource source, CancellationToken cancellationToken) =>
        source == HandshakeSource.Http && options.HttpTls is { } tls
            ? await TlsChannel.AcceptAsync(loops.Open(socket), tls(), cancellationToken).ConfigureAwait(false)
            : loops.Open(socket);

    private async Task<(HandshakeRequest Request, HandshakeVerdict.Refused? Refusal)> PassGateAsync(HandshakeRequest request, IPAddress? client)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        timeout.CancelAfter(options.HandshakeTimeout);
        return await _gate.PassAsync(request, client, timeout.Token).ConfigureAwait(false);
    }

    private async Task ControlAsync(Channel channel, HandshakeRequest request, string remote)
    {
        if (request.Modifier1 != UwsgiPacket.Control && HttpGate.Objection(request, isUnix: remote.Length == 0) is { } refused)
            await RefuseAsync(channel, remote, refused.Explanation, refused.Status).ConfigureAwait(false);
        else
            await AnswerControlAsync(channel, request, remote).ConfigureAwait(false);
    }

    private async Task AnswerControlAsync(Channel channel, HandshakeRequest request, string remote)
    {
        try
        {
            if (Interlocked.Increment(ref _controlRequests) > options.MaxControlRequests)
                await RefuseAsync(channel, remote, $"There are {options.MaxControlRequests} requests to the control interface at once, the most allowed.", 503).ConfigureAwait(false);
            else
                await AnswerAsync(channel, await Task.Run(() => ControlInterface.Answer(request.Query, control)).ConfigureAwait(false)).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _controlRequests);
        }
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

    private void Report(string remote, string reason, HandshakeRequest? who = null) => refusals.Refused(remote, reason, Environment.TickCount64, who);

    private string Explain(Exception e, HandshakePlaces.Place place) => e is AuthenticationException ? $"TLS: {(e.InnerException ?? e).Message}"
        : e is not OperationCanceledException ? e.Message
        : stopping.IsCancellationRequested ? "the server is stopping"
        : place.Pushed.IsCancellationRequested ? $"its handshake was slow and others waited: there are {options.MaxHandshakes} at once, the most allowed"
        : "the handshake took too long";

    private async Task RefuseAsync(Channel channel, string remote, string explanation, int status, HandshakeRequest? who = null)
    {
        Report(remote, $"{explanation} ({status})", who);
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

    private static IPAddress? AddressOf(Socket socket)
    {
        try
        {
            return (socket.RemoteEndPoint as IPEndPoint)?.Address;
        }
        catch (SocketException)
        {
            // It is gone again already; what reads from it finds out.
            return null;
        }
    }

    private static string Describe(Socket socket) =>
        AddressOf(socket) is { } address ? (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString() : "";

    private sealed record RequestHead(HandshakeRequest Request, byte[] Early);
}
