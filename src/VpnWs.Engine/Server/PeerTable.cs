using System.Collections.Concurrent;
using VpnWs.Http;
using VpnWs.Switching;
using VpnWs.Transport;
using VpnWs.WebSockets;

namespace VpnWs.Server;

/// <summary>The connected peers by their ids: admits them, serves them, and sees them out.</summary>
internal sealed class PeerTable(VpnWsServerOptions options, VirtualSwitch fabric, Func<long> nextId, Action<ServerEvent> report)
{
    /// <summary>How long a classic peer is sent nothing after its 101: its client throws away what it reads together with the head.</summary>
    private static readonly TimeSpan ClassicQuiet = TimeSpan.FromMilliseconds(50);

    private readonly ConcurrentDictionary<long, PeerPort> _peers = new();
    private readonly FrameDispatcher _dispatcher = new(fabric);
    private int _count;
    private volatile bool _closed;

    /// <summary>The memory that the queues of all peers may hold.</summary>
    public OutboxBudget Budget { get; } = new(options.TotalOutboxLimit);

    /// <summary>How many peers there are.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>The peers at this moment, in no order.</summary>
    public IEnumerable<PeerPort> All => _peers.Select(static entry => entry.Value);

    /// <summary>The peer of that id, or null.</summary>
    public PeerPort? Find(long id) => _peers.GetValueOrDefault(id);

    /// <summary>Takes a place for a peer, which <see cref="ServeAsync"/> then gives back; false where there is none.</summary>
    public bool TryReserve()
    {
        if (Interlocked.Increment(ref _count) <= options.MaxPeers && !_closed) return true;
        Interlocked.Decrement(ref _count);
        return false;
    }

    /// <summary>Answers an accepted handshake and serves the peer, whose place is reserved, until it leaves.</summary>
    public async Task ServeAsync(Channel channel, HandshakeRequest request, HandshakeVerdict.Accepted verdict, HandshakeSource source, string remote, byte[] early)
    {
        var port = new PeerPort(nextId(), channel, request, verdict, TransportOf(source, channel), remote, options.OutboxLimit, Budget);
        try
        {
            // First a port of the switch, then the answer: whoever has read its 101 can be reached. What comes for it meanwhile waits.
            port.Outbox.Hold();
            Join(port, verdict);
            await channel.SendAsync(HttpResponse.For(verdict), CancellationToken.None).ConfigureAwait(false);
            if (port.IsClassic)
                _ = ReleaseAsync(port);
            else
                port.Outbox.Release();
            using var session = new PeerSession(port, channel, _dispatcher);
            if (await session.RunAsync(early).ConfigureAwait(false))
                await Task.WhenAny(port.Outbox.Finished, Task.Delay(PeerPort.CloseTimeout)).ConfigureAwait(false);
        }
        finally
        {
            Leave(port);
        }
    }

    /// <summary>Starts the close handshake with every peer and refuses new ones.</summary>
    public void CloseAll(ushort code, string reason)
    {
        _closed = true;
        foreach (var peer in All) peer.Close(code, reason);
    }

    private void Join(PeerPort port, HandshakeVerdict.Accepted verdict)
    {
        _peers[port.Id] = port;
        fabric.Add(port, verdict.Mac, Environment.TickCount64);
        report(new PeerJoined(Describe(port)));
        if (_closed) port.Close(CloseCode.GoingAway, "the server is stopping");
    }

    private void Leave(PeerPort port)
    {
        if (_peers.TryRemove(port.Id, out _))
        {
            var last = Describe(port);
            fabric.Remove(port);
            report(new PeerLeft(last, port.EndReason ?? "connection lost"));
        }

        port.Outbox.Discard();

        Interlocked.Decrement(ref _count);
    }

    /// <summary>The peer as operators see it.</summary>
    public PeerInfo Describe(PeerPort port) => PeerDescription.Of(port, fabric) with
    {
        RemoteAddress = port.RemoteAddress,
        RemoteUser = port.Request.RemoteUser ?? "",
        DistinguishedName = port.Request.DistinguishedName ?? "",
        ConnectedAt = port.ConnectedAt,
        Transport = port.Transport,
        IsClassic = port.IsClassic,
        HasOffload = port.HasOffload,
    };

    private static string TransportOf(HandshakeSource source, Channel channel) =>
        source == HandshakeSource.Uwsgi ? "uwsgi" : channel is TlsChannel ? "https" : "http";

    private static async Task ReleaseAsync(PeerPort port)
    {
        await Task.Delay(ClassicQuiet).ConfigureAwait(false);
        port.Outbox.Release();
    }
}
