using System.Collections.Concurrent;
using VpnWs.Http;
using VpnWs.Switching;
using VpnWs.Switching.Guards;
using VpnWs.Transport;
using VpnWs.WebSockets;

namespace VpnWs.Server;

/// <summary>The connected peers by their ids: admits them, serves them, and sees them out.</summary>
internal sealed class PeerTable(VpnWsServerOptions options, VirtualSwitch fabric, RuleBook rules, Func<long> nextId, Action<ServerEvent> report)
{
    /// <summary>How long a classic peer is sent nothing after its 101: its client throws away what it reads together with the head.</summary>
    private static readonly TimeSpan ClassicQuiet = TimeSpan.FromMilliseconds(50);

    private const string Uwsgi = "uwsgi";

    private readonly ConcurrentDictionary<long, PeerPort> _peers = new();
    private readonly FrameDispatcher _dispatcher = new(fabric);
    private readonly Lock _rulesGate = new();
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
    public Task ServeAsync(Channel channel, HandshakeRequest request, HandshakeVerdict.Accepted verdict, HandshakeSource source, string remote, ReadOnlySpan<byte> early)
    {
        var port = new PeerPort(nextId(), channel, request, verdict, TransportOf(source, channel), remote, options.OutboxLimit, Budget);
        return RunAsync(port, new PeerSession(port, channel, _dispatcher, early), WelcomeAsync(port, channel, verdict));
    }

    /// <summary>Starts the close handshake with every peer and refuses new ones.</summary>
    public void CloseAll(ushort code, string reason)
    {
        _closed = true;
        foreach (var peer in All) peer.Close(code, reason);
    }

    /// <summary>Puts other rules in force, for those who are here too. What an administrator has changed stays where the rules say the same of a peer as before.</summary>
    public void ChangeRules(PeerRules changed)
    {
        var (concerned, denied) = (0, 0);
        lock (_rulesGate)
        {
            rules.Rules = changed;
            foreach (var port in All)
            {
                if (!ApplyRules(port)) continue;
                concerned++;
                if (port.Verdict!.IsDenied) denied++;
            }
        }

        report(new RulesChanged(changed.Rules.Count, concerned, denied));
    }

    /// <summary>Changes what a peer may do.</summary>
    /// <param name="port">The peer.</param>
    /// <param name="change">What is to change; what it does not say stays.</param>
    public void ChangeLimits(PeerPort port, PortLimits change)
    {
        lock (_rulesGate) Limit(port, change.Over(port.Limits));
        report(new LimitsChanged(Describe(port)));
    }

    // What it holds is held for as long as the peer stays.
    private async Task RunAsync(PeerPort port, PeerSession session, ValueTask welcome)
    {
        try
        {
            await welcome.ConfigureAwait(false);
            if (await session.RunAsync().ConfigureAwait(false))
                await Task.WhenAny(port.Outbox.Finished, Task.Delay(PeerPort.CloseTimeout)).ConfigureAwait(false);
        }
        finally
        {
            session.Dispose();
            Leave(port);
        }
    }

    private async ValueTask WelcomeAsync(PeerPort port, Channel channel, HandshakeVerdict.Accepted verdict)
    {
        // First a port of the switch, then the answer: whoever has read its 101 can be reached. What comes for it meanwhile waits.
        port.Outbox.Hold();
        Join(port, verdict);
        await channel.SendAsync(HttpResponse.For(verdict), CancellationToken.None).ConfigureAwait(false);
        if (port.IsClassic)
            _ = ReleaseAsync(port);
        else
            port.Outbox.Release();
    }

    private void Join(PeerPort port, HandshakeVerdict.Accepted verdict)
    {
        _peers[port.Id] = port;
        lock (_rulesGate) ApplyRules(port);
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
        RemoteUser = port.RemoteUser ?? "",
        DistinguishedName = port.DistinguishedName ?? "",
        ConnectedAt = port.ConnectedAt,
        Transport = port.Transport,
        IsClassic = port.IsClassic,
        HasOffload = port.HasOffload,
        Rule = port.Verdict?.Rule ?? "",
        Limits = rules.Complete(port.Limits, port.IsBridge),
    };

    // Whether something changed for the peer.
    private bool ApplyRules(PeerPort port)
    {
        var verdict = rules.Judge(port.RemoteUser, port.DistinguishedName, port.Transport == Uwsgi);
        if (port.Verdict is { } before && before.IsSameAs(verdict)) return false;
        port.Verdict = verdict;
        Limit(port, verdict.Limits);
        if (verdict.IsDenied) port.Close(CloseCode.PolicyViolation, "the rules of this server keep this user out");
        return true;
    }

    private void Limit(PeerPort port, PortLimits limits)
    {
        port.Limits = limits;
        var isBridge = port.WantsBridge && limits.Bridge is true;
        fabric.Configure(port, new PortSettings(rules.Complete(limits, isBridge), isBridge), Environment.TickCount64);
    }

    private static string TransportOf(HandshakeSource source, Channel channel) =>
        source == HandshakeSource.Uwsgi ? Uwsgi : channel is TlsChannel ? "https" : "http";

    private static async Task ReleaseAsync(PeerPort port)
    {
        await Task.Delay(ClassicQuiet).ConfigureAwait(false);
        port.Outbox.Release();
    }
}
