namespace VpnWs.Client;

/// <summary>How long to wait before the next attempt: nothing after a link that held, then exponentially longer with jitter, up to a bound.</summary>
/// <param name="maximum">The longest pause.</param>
internal sealed class ReconnectDelay(TimeSpan maximum)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(0.5);

    private TimeSpan _next = TimeSpan.Zero;

    /// <summary>A link was lost that had carried for long enough to be a real one.</summary>
    public void Reset() => _next = TimeSpan.Zero;

    /// <summary>The pause before the next attempt; each call doubles the following one.</summary>
    /// <param name="jitter">A random number from 0 to 1, so that a thousand clients of one restarted server do not come at once.</param>
    public TimeSpan Next(double jitter)
    {
        var pause = _next;
        _next = pause == TimeSpan.Zero ? First : Min(pause * 2, maximum);
        return Min(pause * (0.75 + (jitter / 2)), maximum);
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
