using VpnWs.WebSockets;

namespace VpnWs.Server;

/// <summary>Reports refused connections, but not more than strangers may fill a log with: twenty in ten seconds, and of the rest the number.</summary>
/// <param name="report">Takes events.</param>
internal sealed class RefusalReporter(Action<ServerEvent> report)
{
    private const int ReportsPerPeriod = 20;
    private const long Period = 10_000;

    private readonly Lock _gate = new();
    private long _periodStart = long.MinValue / 2;
    private int _reported;
    private long _suppressed;

    /// <summary>A connection was refused.</summary>
    /// <param name="remoteAddress">Where it came from, or empty.</param>
    /// <param name="reason">Why, in words.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    /// <param name="who">Its request, in which user and subject are proved; null where nothing is.</param>
    public void Refused(string remoteAddress, string reason, long now, HandshakeRequest? who = null)
    {
        lock (_gate)
        {
            StartPeriod(now);
            if (_reported == ReportsPerPeriod)
            {
                _suppressed++;
                return;
            }

            _reported++;
        }

        report(new PeerRefused(remoteAddress, reason) { RemoteUser = who?.RemoteUser ?? "", DistinguishedName = who?.DistinguishedName ?? "" });
    }

    /// <summary>Tells of what was left out, when its time is over; to be called now and then.</summary>
    public void Tick(long now)
    {
        lock (_gate) StartPeriod(now);
    }

    private void StartPeriod(long now)
    {
        if (now - _periodStart < Period) return;
        if (_suppressed > 0) report(new RefusalsLeftOut(_suppressed));
        _periodStart = now;
        _reported = 0;
        _suppressed = 0;
    }
}
