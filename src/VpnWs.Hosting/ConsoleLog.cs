using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace VpnWs.Hosting;

/// <summary>A program's log: one line per entry on the standard error.</summary>
/// <remarks>
/// Not the library's provider for consoles: of what it drops it tells in words and a form of its own, which is no JSON where the log is, and once a line
/// could not be written it makes whoever logs wait.
/// </remarks>
internal sealed class ConsoleLog : ILogger, IDisposable
{
    private readonly LineFormatter _formatter;
    private readonly LogQueue _queue;
    private readonly LogLevel _least;

    /// <param name="settings">What is logged and how.</param>
    /// <param name="output">Where to; null for the standard error.</param>
    public ConsoleLog(LogSettings settings, TextWriter? output = null)
    {
        _formatter = new LineFormatter(settings.Format);
        _queue = new LogQueue(output ?? Console.Error, LostLine);
        _least = settings.Least;
    }

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel >= _least && logLevel != LogLevel.None;

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel)) _queue.Add(_formatter.Line(new LogEntry<TState>(logLevel, "", eventId, state, exception, formatter)));
    }

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <summary>Writes out what still waits.</summary>
    public void Dispose() => _queue.Dispose();

    private string LostLine(long count)
    {
        var message = new LogMessage($"{count} lines of the log are lost: whoever reads it did not keep up, or it could not be written", [new("event", "lost"), new("count", count)]);
        return _formatter.Line(new LogEntry<LogMessage>(LogLevel.Warning, "", default, message, null, static (message, _) => message.Sentence));
    }
}
