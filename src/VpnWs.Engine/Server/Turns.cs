namespace VpnWs.Server;

/// <summary>Lets one at a time in for each key, in the order they came. Only keys that have somebody in or waiting are kept.</summary>
internal sealed class Turns<TKey>
    where TKey : class
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, Line> _lines = [];

    /// <summary>How many keys are kept.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _lines.Count;
        }
    }

    /// <summary>Waits for a turn, which <see cref="End"/> ends. Those with a null key do not wait for each other.</summary>
    /// <exception cref="OperationCanceledException">It took too long; there is no turn to end.</exception>
    public async ValueTask BeginAsync(TKey? key, CancellationToken cancellationToken)
    {
        if (key is null) return;
        Line? line;
        lock (_gate)
        {
            if (!_lines.TryGetValue(key, out line)) _lines[key] = line = new Line();
            line.Length++;
        }

        try
        {
            await line.Turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            Leave(key, line);
            throw;
        }
    }

    /// <summary>The next one's turn.</summary>
    public void End(TKey? key)
    {
        if (key is null) return;
        Line line;
        lock (_gate) line = _lines[key];
        line.Turn.Release();
        Leave(key, line);
    }

    private void Leave(TKey key, Line line)
    {
        lock (_gate)
        {
            if (--line.Length > 0) return;
            _lines.Remove(key);
        }

        line.Turn.Dispose();
    }

    private sealed class Line
    {
        public SemaphoreSlim Turn { get; } = new(1);

        public int Length { get; set; }
    }
}
