using System.Runtime.CompilerServices;
using VpnWs.Ethernet;
using VpnWs.Http;
using VpnWs.Offload;
using VpnWs.Switching;
using VpnWs.Switching.Guards;
using VpnWs.Transport;
using VpnWs.WebSockets;

namespace VpnWs.Server;

/// <summary>A WebSocket peer as a port of the switch: what the switch sends it is encoded into its outbox.</summary>
internal sealed class PeerPort : EnginePort
{
    private const long MinClassicSilence = 36_000;

    /// <summary>How long the close handshake may take, in milliseconds.</summary>
    public const int CloseTimeout = 2000;

    [ThreadStatic]
    private static byte[]? s_scratch;

    private readonly Channel _channel;
    private readonly Outbox _outbox;
    private string? _endReason;
    private long _pingedAt;
    private long _lastSent = Environment.TickCount64;
    private long _closeDeadline = long.MaxValue;

    public PeerPort(long id, Channel channel, HandshakeRequest request, HandshakeVerdict.Accepted verdict, string transport, string remoteAddress, int outboxLimit, OutboxBudget? budget = null)
        : base(id)
    {
        _channel = channel;
        _outbox = new Outbox(channel, outboxLimit, e => End($"connection lost: {e.Message}"), budget);
        RemoteUser = request.RemoteUser;
        DistinguishedName = request.DistinguishedName;
        WantsBridge = request.WantsBridge;
        Transport = transport;
        RemoteAddress = remoteAddress;
        HasOffload = verdict.HasOffload;
        IsBridge = verdict.GrantBridge;
        IsClassic = verdict.IsClassic;
        Identity = IdentityOf(request);
        LastHeard = Environment.TickCount64;
    }

    /// <summary>Whom a request comes from, user or certificate; null where nobody knows.</summary>
    public static string? IdentityOf(HandshakeRequest request) =>
        request.RemoteUser is { } user ? $"user {user}" : request.DistinguishedName is { } name ? $"certificate {name}" : null;

    /// <summary>The user that the peer proved to be, or null.</summary>
    public string? RemoteUser { get; }

    /// <summary>The subject of the peer's certificate, or null.</summary>
    public string? DistinguishedName { get; }

    /// <summary>Whether the peer asked to be a bridge.</summary>
    public bool WantsBridge { get; }

    /// <summary><c>uwsgi</c>, <c>http</c> or <c>https</c>.</summary>
    public string Transport { get; }

    /// <summary>Where the peer is, as its proxy or its socket says.</summary>
    public string RemoteAddress { get; }

    /// <summary>Whether each message carries a virtio_net_hdr.</summary>
    public bool HasOffload { get; }

    /// <summary>What the rules say of the peer; set when it joins, and by other rules.</summary>
    public RuleVerdict? Verdict { get; set; }

    /// <summary>What the peer may do: what the rules say, or an administrator since.</summary>
    public PortLimits Limits { get; set; } = new();

    /// <summary>What was told of guards, by the one who tells.</summary>
    public (long Count, long Time)[]? GuardsTold { get; set; }

    /// <summary>When the handshake was done.</summary>
    public DateTimeOffset ConnectedAt { get; } = DateTimeOffset.Now;

    /// <summary>Why the connection ended or is about to, or null.</summary>
    public string? EndReason => Volatile.Read(ref _endReason);

    /// <summary>Whether we have sent our close frame.</summary>
    public bool IsClosing => EndReason is not null;

    /// <summary>The bytes that wait to be sent to the peer.</summary>
    public override Outbox Outbox => _outbox;

    /// <inheritdoc/>
    public override void Enqueue(ref Frame frame)
    {
        if (HasOffload || frame.Offload.IsPlain)
            Append(ref frame);
        else
            AppendFinished(ref frame);
    }

    /// <inheritdoc/>
    public override void EnqueueFlooded(ref Frame frame, FloodEncoder encoder)
    {
        var encoded = HasOffload ? encoder.WithHeader(ref frame) : encoder.Plain(ref frame);
        if (encoded.IsEmpty)
        {
            Enqueue(ref frame);
            return;
        }

        var (frames, bytes) = HasOffload ? (1, frame.Length) : (encoder.PlainFrames, encoder.PlainBytes);
        if (!IsClosing && _outbox.TryAppend(encoded))
        {
            Counters.CountSent(frames, bytes);
            if (frame.Offload.IsSuperFrame && HasOffload) Counters.CountSuperFrameSent();
            if (frame.Offload.IsSuperFrame && !HasOffload) Counters.CountSegments(frames);
            return;
        }

        for (var i = 0; i < frames; i++) Counters.CountDrop(IsClosing ? DropReason.PortClosed : DropReason.OutboxFull);
    }

    /// <inheritdoc/>
    public override void Flush()
    {
        Volatile.Write(ref _lastSent, Environment.TickCount64);
        _outbox.Flush();
    }

    /// <summary>Sends a ping if the peer has been silent for long, ends it if it left the last one unanswered, and enforces the end of a close handshake.</summary>
    public void Watch(long now, long pingInterval, long pingTimeout)
    {
        if (now >= Volatile.Read(ref _closeDeadline))
        {
            _channel.Dispose();
            return;
        }

        if (IsClosing || pingInterval <= 0) return;
        var silent = now - LastHeard;
        if (silent < pingInterval) return;
        if (IsClassic)
        {
            // It never answers a ping, but sends one itself every 17 s while nothing goes either way.
            var limit = Math.Max(MinClassicSilence, pingInterval + pingTimeout);
            if (silent >= limit && now - Volatile.Read(ref _lastSent) >= limit) End("nothing heard for too long");
        }
        else if (_pingedAt <= LastHeard)
        {
            Ping(now);
        }
        else if (now - _pingedAt >= pingTimeout)
        {
            End("ping not answered");
        }
    }

    /// <summary>Sends a ping.</summary>
    public void Ping(long now)
    {
        _pingedAt = now;
        SendControl(Opcode.Ping, []);
    }

    /// <summary>Answers a ping.</summary>
    public void Pong(ReadOnlySpan<byte> payload) => SendControl(Opcode.Pong, payload);

    /// <summary>Starts the close handshake (RFC 6455 section 7.1.2); frames are no longer taken, and the peer has two seconds to answer.</summary>
    /// <param name="code">The close code; <see cref="CloseCode.NoStatus"/> sends none.</param>
    /// <param name="reason">What the close frame says.</param>
    /// <param name="endReason">What operators are told; null tells them <paramref name="reason"/>.</param>
    public void Close(ushort code, string reason, string? endReason = null)
    {
        if (!SetEndReason(endReason ?? reason)) return;
        Span<byte> close = stackalloc byte[FrameWriter.MaxControlFrameLength];
        Volatile.Write(ref _closeDeadline, Environment.TickCount64 + CloseTimeout);
        _outbox.Finish(close[..FrameWriter.WriteClose(close, code, reason, null)]);
    }

    /// <summary>Ends the connection without a close handshake.</summary>
    public void End(string reason)
    {
        SetEndReason(reason);
        _channel.Dispose();
    }

    /// <summary>Notes why the connection ends; the first reason stays.</summary>
    /// <returns>Whether this was the first.</returns>
    public bool SetEndReason(string reason) => Interlocked.CompareExchange(ref _endReason, reason, null) is null;

    private void SendControl(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        Span<byte> control = stackalloc byte[FrameWriter.MaxControlFrameLength];
        if (_outbox.TryAppendControl(control[..FrameWriter.WriteControl(control, opcode, payload, null)])) _outbox.Flush();
    }

    private void Append(ref Frame frame)
    {
        if (IsClosing)
        {
            Counters.CountDrop(DropReason.PortClosed);
            return;
        }

        if (!_outbox.TryAppend(ref frame, HasOffload))
        {
            Counters.CountDrop(DropReason.OutboxFull);
            return;
        }

        Counters.CountSent(1, frame.Length);
        if (frame.Offload.IsSuperFrame) Counters.CountSuperFrameSent();
    }

    /// <summary>Cuts a super-frame, or finishes a checksum, for a peer that does neither.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AppendFinished(ref Frame frame)
    {
        var scratch = s_scratch ??= new byte[PacketLayout.MaxFrameLength];
        var finisher = new FrameFinisher(frame.Offload, frame.Clear());
        var segments = 0;
        for (; finisher.Next(scratch, out var length); segments++)
        {
            var segment = new Frame(scratch.AsSpan(0, length));
            Append(ref segment);
        }

        if (frame.Offload.IsSuperFrame) Counters.CountSegments(segments);
    }
}
