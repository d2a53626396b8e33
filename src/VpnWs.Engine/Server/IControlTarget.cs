using VpnWs.Switching.Guards;

namespace VpnWs.Server;

/// <summary>What the control interface asks of a server. Called from any thread.</summary>
internal interface IControlTarget
{
    /// <summary>All that are on the LAN at this moment, the server's tap among them.</summary>
    IReadOnlyList<PeerInfo> GetPeers();

    /// <summary>Ends the connection of a peer; false where there is no such peer. The server's tap is none.</summary>
    bool Kill(long id);

    /// <summary>Changes what a peer may do; false where there is no such peer. The server's tap is none.</summary>
    /// <exception cref="FormatException">The limits cannot be.</exception>
    bool ChangeLimits(long id, PortLimits change);
}
