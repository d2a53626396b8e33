namespace VpnWs.Switching.Guards;

/// <summary>
/// A token bucket for frames or bytes, kept as the time until which all that was taken is paid for (the virtual scheduling of ITU-T I.371 annex A). What is
/// taken may put it into debt, so that a super-frame larger than the bucket passes and is paid for by those after it. Safe from any thread.
/// </summary>
internal sealed class TokenBucket
{
    private const long NanosecondsPerMillisecond = 1_000_000;
    private const double NanosecondsPerSecond = 1e9;

    // A debt of a day is for ever; and the sums below stay far from overflowing.
    private const double LongestCost = 86_400 * NanosecondsPerSecond;

    private readonly double _cost;
    private readonly long _burst;
    private long _paidUntil = long.MinValue / 2;

    /// <param name="perSecond">How many tokens there are in a second; above 0.</param>
    /// <param name="burst">How many may be taken at once after a silence; above 0.</param>
    public TokenBucket(double perSecond, double burst)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(perSecond);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(burst);
        _cost = NanosecondsPerSecond / perSecond;
        _burst = (long)Math.Min(burst * _cost, LongestCost);
    }

    /// <summary>A bucket for frames: a tenth of a second's at once, and at least 16.</summary>
    public static TokenBucket? Frames(long perSecond) => perSecond <= 0 ? null : new TokenBucket(perSecond, Math.Max(16, perSecond / 10.0));

    /// <summary>A bucket for bits, whose tokens are bytes: a twentieth of a second's at once, and at least a super-frame.</summary>
    public static TokenBucket? Bits(long perSecond) => perSecond <= 0 ? null : new TokenBucket(perSecond / 8.0, Math.Max(64 * 1024, perSecond / 8.0 / 20));

    /// <summary>Takes tokens, or none where the bucket is empty.</summary>
    /// <param name="tokens">How many.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    /// <returns>Whether they were there.</returns>
    public bool TryTake(int tokens, long now)
    {
        var time = now * NanosecondsPerMillisecond;
        var cost = (long)Math.Min(tokens * _cost, LongestCost);
        var paidUntil = Volatile.Read(ref _paidUntil);
        while (true)
        {
            if (paidUntil - time >= _burst) return false;
            var seen = Interlocked.CompareExchange(ref _paidUntil, Math.Max(paidUntil, time) + cost, paidUntil);
            if (seen == paidUntil) return true;
            paidUntil = seen;
        }
    }
}
