namespace VpnWs.Switching.Guards;

/// <summary>
/// When an address last went from one live port to another: more often than five times in ten seconds, and it is frozen for a minute. Not where it
/// happens to be, but where it was before it began to move: else whoever wants the address of another had only to move it once more.
/// </summary>
internal sealed class MoveHistory
{
    /// <summary>How many moves there may be in <see cref="Period"/>.</summary>
    public const int Most = 5;

    /// <summary>The time in which moves are counted, in milliseconds.</summary>
    public const long Period = 10_000;

    /// <summary>How long an address is frozen, in milliseconds.</summary>
    public const long FreezeTime = 60_000;

    /// <summary>How long it must not have moved for a port to be where it was before, in milliseconds.</summary>
    public const long HomeTime = 60_000;

    private readonly long[] _moves = new long[Most];
    private int _next;
    private long _movedAt = long.MinValue / 2;
    private long _frozenUntil = long.MinValue;

    // Weak: the port may leave long before the address does.
    private WeakReference<SwitchPort>? _home;

    public MoveHistory() => Array.Fill(_moves, long.MinValue / 2);

    /// <summary>Whether the address has to stay where it is.</summary>
    public bool IsFrozen(long now) => now < _frozenUntil;

    /// <summary>The port that had the address before it began to move; null where that is gone.</summary>
    public SwitchPort? Home => _home is { } home && home.TryGetTarget(out var port) ? port : null;

    /// <summary>Notes a move that is about to happen.</summary>
    /// <param name="from">The port that has the address.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    /// <returns>False where it is one too many: the address is frozen from now on.</returns>
    public bool TryMove(SwitchPort from, long now)
    {
        if (now - _movedAt >= HomeTime) _home = new WeakReference<SwitchPort>(from);
        _movedAt = now;
        if (now - _moves[_next] < Period)
        {
            _frozenUntil = now + FreezeTime;
            return false;
        }

        _moves[_next] = now;
        _next = (_next + 1) % Most;
        return true;
    }
}
