using VpnWs.WebSockets;

namespace VpnWs.Http;

/// <summary>Decides from the head alone what to answer to a peer that wants to join (RFC 6455 section 4.2, WIRE sections 2, 5 and 7).</summary>
internal static class HandshakeJudge
{
    /// <summary>The subprotocol whose messages carry a <c>virtio_net_hdr</c> before each frame (WIRE section 7).</summary>
    public const string OffloadProtocol = "vpn-ws.offload.v1";

    private const string SpokenVersion = "13";

    // The C program's client sends 16; no key of anybody needs more.
    private const int MaxClassicKeyLength = 64;

    /// <summary>Decides what to answer to a head of the data plane.</summary>
    /// <param name="request">The head.</param>
    /// <param name="source">How it came.</param>
    /// <param name="peerBridge">Whether peers that ask to be bridges may; null grants it over uwsgi and refuses it over HTTP.</param>
    /// <param name="offloadAllowed">Whether to pick <see cref="OffloadProtocol"/> where it is offered.</param>
    public static HandshakeVerdict Judge(HandshakeRequest request, HandshakeSource source, bool? peerBridge, bool offloadAllowed)
    {
        if (Objection(request) is { } refused) return refused;
        var mac = request.Mac;
        if (request.DeclaredMac is not null && (mac is not { } declared || declared.IsZero || declared.IsGroup))
            return new HandshakeVerdict.Refused(400, "X-vpn-ws-MAC is not the address of a station, such as 02:00:00:00:00:01.");
        var grant = request.WantsBridge && (peerBridge ?? source == HandshakeSource.Uwsgi);
        return new HandshakeVerdict.Accepted
        {
            Accept = WebSocketHandshake.ComputeAccept(request.Key!),
            Protocol = offloadAllowed && request.Protocols.Contains(OffloadProtocol) ? OffloadProtocol : null,
            GrantBridge = grant,
            BridgeAnswer = request.WantsBridge ? grant : null,
            Mac = mac,
            IsClassic = request.IsClassic,
        };
    }

    private static HandshakeVerdict.Refused? Objection(HandshakeRequest request) => request switch
    {
        { Method: not "GET" } => new(405, "Only GET is allowed here."),
        { WantsUpgrade: false } => new(426, "This is a virtual Ethernet switch; it is reached with a WebSocket client."),
        { Version: not (null or SpokenVersion) } => new(426, "Only version 13 of the WebSocket protocol is spoken here."),
        { Key: null or "" } => new(400, "The handshake has no Sec-WebSocket-Key."),
        { IsClassic: true, Key: var key } when key.Length > MaxClassicKeyLength || key.AsSpan().ContainsAnyExceptInRange('!', '~') =>
            new(400, "Sec-WebSocket-Key is not a key."),
        { IsClassic: false, Key: var key } when !WebSocketHandshake.IsStrictKey(key) =>
            new(400, "Sec-WebSocket-Key is not 16 bytes in base64."),
        _ => null,
    };
}
