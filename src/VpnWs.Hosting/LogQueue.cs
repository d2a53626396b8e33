namespace VpnWs.Hosting;

/// <summary>
/// Writes the log on a thread of its own: whoever reads it and stops must not stop the program. Lines for which there is no room, or that cannot be
/// written, are counted, and told of in a line like the others as soon as some get through again.
/// </summary>
internal sealed class LogQueue : IDisposable
{
    /// <summary>How many lines wait at most.</summary>
    public const int Capacity = 2500;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1.5);

    private readonly TextWriter _output;
    private readonly Func<long, string> _lostLine;
    private readonly Thread _writer;

    // Everything below is read and written under its lock.
    private readonly Queue<Entry> _waiting = new();
    private long _lost;
    private bool _fails;
    private bool _isEnding;

    /// <param name="output">Where to.</param>
    /// <param name="lostLine">The line that tells how many are lost.</param>
    public LogQueue(TextWriter output, Func<long, string> lostLine)
    {
        (_output, _lostLine) = (output, lostLine);
        _writer = new Thread(Run) { IsBackground = true, Name = "log" };
        _writer.Start();
    }

    /// <summary>Adds a line; never waits.</summary>
    public void Add(string line)
    {
        lock (_waiting)
        {
            if (_isEnding) return;
            if (_waiting.Count >= Capacity)
            {
                _lost++;
                return;
            }

            if (_lost > 0) _waiting.Enqueue(TakeLost());
            _waiting.Enqueue(new Entry(line, 1));
            Monitor.Pulse(_waiting);
        }
    }

    /// <summary>Writes out what still waits; where that takes long, not all of it.</summary>
    public void Dispose()
    {
        lock (_waiting)
        {
            _isEnding = true;
            Monitor.Pulse(_waiting);
        }

        _writer.Join(Patience);
    }

    private void Run()
    {
        while (Next() is { } entry)
        {
            var isWritten = Write(entry.Line);
            lock (_waiting)
            {
                _fails = !isWritten;
                if (!isWritten) _lost += entry.Stands;
            }
        }
    }

    private Entry? Next()
    {
        lock (_waiting)
        {
            while (_waiting.Count == 0)
            {
                // Where the last line could not be written, the next one tries first.
                if (_lost > 0 && !_fails) return TakeLost();
                if (_isEnding) return null;
                Monitor.Wait(_waiting);
            }

            return _waiting.Dequeue();
        }
    }

    private Entry TakeLost()
    {
        var entry = new Entry(_lostLine(_lost), _lost);
        _lost = 0;
        return entry;
    }

    private bool Write(string line)
    {
        try
        {
            _output.WriteLine(line);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            return false;
        }
    }

    /// <param name="Line">What to write.</param>
    /// <param name="Stands">How many lines are lost with it.</param>
    private sealed record Entry(string Line, long Stands);
}
