namespace VpnWs.Transport;

/// <summary>The memory that all outboxes of a server may hold together. Once it is spent each may queue only a small share more, so that those who do not read cannot starve those who do.</summary>
/// <param name="limit">The bound in bytes.</param>
internal sealed class OutboxBudget(long limit)
{
    /// <summary>What every outbox may queue however much the others hold, in bytes.</summary>
    public const int Share = 64 * 1024;

    private long _used;

    /// <summary>The bound in bytes.</summary>
    public long Limit => limit;

    /// <summary>How many bytes of memory the queues hold.</summary>
    public long Used => Interlocked.Read(ref _used);

    /// <summary>Whether it is spent.</summary>
    public bool IsSpent => Volatile.Read(ref _used) > limit;

    /// <summary>A queue grew, or shrank, by so many bytes.</summary>
    public void Add(long bytes) => Interlocked.Add(ref _used, bytes);
}
