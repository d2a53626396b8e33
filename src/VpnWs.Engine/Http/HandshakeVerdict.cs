using VpnWs.Ethernet;

namespace VpnWs.Http;

/// <summary>How a request head reached us, which says how far what it claims is trusted.</summary>
internal enum HandshakeSource
{
    /// <summary>Over the uwsgi protocol: a web server let the peer in.</summary>
    Uwsgi,

    /// <summary>Over HTTP/1.1, from anybody.</summary>
    Http,

    /// <summary>Over HTTP/1.1 at an address for the control interface alone, from this machine.</summary>
    Control,
}

/// <summary>What is answered to a handshake: <see cref="Accepted"/> or <see cref="Refused"/>.</summary>
internal abstract record HandshakeVerdict
{
    private HandshakeVerdict()
    {
    }

    /// <summary>The peer is taken in.</summary>
    public sealed record Accepted : HandshakeVerdict
    {
        /// <summary>The value of <c>Sec-WebSocket-Accept</c>.</summary>
        public required string Accept { get; init; }

        /// <summary>The picked subprotocol, which is <c>vpn-ws.offload.v1</c> or null.</summary>
        public string? Protocol { get; init; }

        /// <summary>Whether the peer is a bridge: it asked to be, and may.</summary>
        public bool GrantBridge { get; init; }

        /// <summary>What the answer says of the wish to be a bridge; null for a peer that had no such wish.</summary>
        public bool? BridgeAnswer { get; init; }

        /// <summary>The peer's declared address, or null where it is to be learned.</summary>
        public MacAddress? Mac { get; init; }

        /// <summary>Whether the peer is forgiven what the C program's client does (WIRE section 5).</summary>
        public bool IsClassic { get; init; }

        /// <summary>Whether the messages carry a <c>virtio_net_hdr</c> before each frame (WIRE section 7).</summary>
        public bool HasOffload => Protocol is not null;
    }

    /// <summary>The peer is answered an HTTP error and the connection closed.</summary>
    /// <param name="Status">The HTTP status code.</param>
    /// <param name="Explanation">One sentence for the peer and the log.</param>
    public sealed record Refused(int Status, string Explanation) : HandshakeVerdict;
}
