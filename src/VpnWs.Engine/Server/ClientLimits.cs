using System.Net;

namespace VpnWs.Server;

/// <summary>What one client address, and one user, may have of a server; who is over it is told so in a sentence. A null address has no limits.</summary>
internal sealed class ClientLimits(VpnWsServerOptions options)
{
    private const long TickInterval = 1000;

    /// <summary>How many wrong passwords from one address wait for their answers at once.</summary>
    private const int MostWaiting = 8;

    private readonly Quota<IPAddress> _handshakes = new(options.MaxHandshakesPerAddress);
    private readonly Quota<IPAddress> _addresses = new(options.MaxPeersPerAddress);
    private readonly Quota<string> _users = new(options.MaxPeersPerUser);
    private readonly HandshakeRate _rate = new(options.HandshakeRatePerAddress);
    private readonly LoginPenalty _penalty = new();
    private readonly Quota<IPAddress> _waiting = new(MostWaiting);
    private readonly Turns<IPAddress> _passwords = new();
    private long _tickedAt;

    /// <summary>Begins a handshake, which <see cref="EndHandshake"/> ends; or says why not.</summary>
    public string? BeginHandshake(IPAddress? client, long now) =>
        !_rate.TryBegin(client, now) ? $"There are more than {options.HandshakeRatePerAddress} handshakes a second from this address."
        : !_handshakes.TryTake(client) ? $"There are {options.MaxHandshakesPerAddress} handshakes at once from this address, the most allowed."
        : null;

    /// <summary>Ends a handshake that was begun.</summary>
    public void EndHandshake(IPAddress? client) => _handshakes.Release(client);

    /// <summary>Takes a peer in, which <see cref="Leave"/> sees out; or says why not.</summary>
    /// <param name="client">Its address.</param>
    /// <param name="user">The user or certificate that it comes as, or null.</param>
    public string? Join(IPAddress? client, string? user)
    {
        if (!_addresses.TryTake(client)) return $"There are {options.MaxPeersPerAddress} peers from this address, the most allowed.";
        if (_users.TryTake(user)) return null;
        _addresses.Release(client);
        return $"There are {options.MaxPeersPerUser} peers of this user, the most allowed.";
    }

    /// <summary>A peer that was taken in has left.</summary>
    public void Leave(IPAddress? client, string? user)
    {
        _addresses.Release(client);
        _users.Release(user);
    }

    /// <summary>Waits until no other password from an address is looked at; <see cref="EndPassword"/> ends it. A hash is dear, and one address must not keep all others waiting.</summary>
    public ValueTask BeginPasswordAsync(IPAddress? client, CancellationToken cancellationToken) => _passwords.BeginAsync(client, cancellationToken);

    /// <summary>A password was looked at.</summary>
    public void EndPassword(IPAddress? client) => _passwords.End(client);

    /// <summary>Notes a wrong password, which <see cref="EndFailed"/> ends, and says how long to let it wait for its answer.</summary>
    /// <returns>Null where as many from that address wait already as may.</returns>
    public TimeSpan? Failed(IPAddress? client, long now) => _waiting.TryTake(client) ? _penalty.Failed(client, now) : null;

    /// <summary>A wrong password has its answer.</summary>
    public void EndFailed(IPAddress? client) => _waiting.Release(client);

    /// <summary>Whether so many wrong passwords from an address wait for their answers that no more are looked at.</summary>
    public bool IsGuessing(IPAddress? client) => _waiting.IsFull(client);

    /// <summary>Forgets who has been gone for long enough; to be called now and then.</summary>
    public void Tick(long now)
    {
        if (now - _tickedAt < TickInterval) return;
        _tickedAt = now;
        _rate.Tick(now);
        _penalty.Tick(now);
    }
}
