using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace VpnWs.Hosting;

/// <summary>A program's log: one line per entry on the standard error.</summary>
/// <remarks>
/// The library's provider, put together by hand: <c>AddSimpleConsole</c> brings dependency injection and configuration, and <c>LoggerFactory</c>
/// reads attributes by reflection, which together take a third of the time to start.
/// </remarks>
internal sealed class ConsoleLog : ILogger, IDisposable
{
    private readonly ConsoleLoggerProvider _provider;
    private readonly ILogger _console;
    private readonly LogLevel _least;

    public ConsoleLog(string name, LogSettings settings)
    {
        var formatter = new LineFormatter(settings.Format);
        var options = new ConsoleLoggerOptions
        {
            FormatterName = formatter.Name,
            LogToStandardErrorThreshold = LogLevel.Trace,
            // Whoever reads the log and stops must not stop the program.
            QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite,
        };
        _provider = new ConsoleLoggerProvider(new FixedOptions(options), [formatter]);
        _console = _provider.CreateLogger(name);
        _least = settings.Least;
    }

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel >= _least && logLevel != LogLevel.None;

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel)) _console.Log(logLevel, eventId, state, exception, formatter);
    }

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <summary>Writes out what still waits.</summary>
    public void Dispose() => _provider.Dispose();

    private sealed class FixedOptions(ConsoleLoggerOptions options) : IOptionsMonitor<ConsoleLoggerOptions>
    {
        public ConsoleLoggerOptions CurrentValue => options;

        public ConsoleLoggerOptions Get(string? name) => options;

        public IDisposable? OnChange(Action<ConsoleLoggerOptions, string?> listener) => null;
    }
}
