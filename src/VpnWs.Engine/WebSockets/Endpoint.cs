namespace VpnWs.WebSockets;

/// <summary>Which end of the connection we are: clients mask what they send, servers do not (RFC 6455 section 5.1).</summary>
internal enum Endpoint : byte
{
    /// <summary>We are the server; what we read must be masked.</summary>
    Server,

    /// <summary>We are the client; what we read must not be masked.</summary>
    Client,
}
