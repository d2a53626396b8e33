namespace VpnWs.Switching.Guards;

/// <summary>When an address last went from one live port to another: more often than five times in ten seconds, and it is frozen for a minute.</summary>
internal sealed class MoveHistory
{
    /// <summary>How many moves there may be in <see cref="Period"/>.</summary>
    public const int Most = 5;

    /// <summary>The time in which moves are counted, in milliseconds.</summary>
    public const long Period = 10_000;

    /// <summary>How long an address is frozen, in milliseconds.</summary>
    public const long FreezeTime = 60_000;

    private readonly long[] _moves = new long[Most];
    private int _next;
    private long _frozenUntil = long.MinValue;

    public MoveHistory() => Array.Fill(_moves, long.MinValue / 2);

    /// <summary>Whether the address has to stay where it is.</summary>
    public bool IsFrozen(long now) => now < _frozenUntil;

    /// <summary>Notes a move that is about to happen.</summary>
    /// <returns>False where it is one too many: the address is frozen from now on.</returns>
    public bool TryMove(long now)
    {
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
