using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace VpnWs.Hosting;

/// <summary>The programs' log: one line per entry on the standard error.</summary>
/// <remarks>Put together by hand: <c>AddSimpleConsole</c> brings dependency injection and configuration, which take a third of the time to start.</remarks>
internal static class ConsoleLog
{
    public static ILoggerFactory Create(LogSettings settings)
    {
        var formatter = new LineFormatter(settings.Format);
        var options = new ConsoleLoggerOptions
        {
            FormatterName = formatter.Name,
            LogToStandardErrorThreshold = LogLevel.Trace,
            // Whoever reads the log and stops must not stop the program.
            QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite,
        };
        var factory = new LoggerFactory([], new LoggerFilterOptions { MinLevel = settings.Least });
        // Added, not given: only then does the factory's end write out what still waits.
        factory.AddProvider(new ConsoleLoggerProvider(new FixedOptions(options), [formatter]));
        return factory;
    }

    private sealed class FixedOptions(ConsoleLoggerOptions options) : IOptionsMonitor<ConsoleLoggerOptions>
    {
        public ConsoleLoggerOptions CurrentValue => options;

        public ConsoleLoggerOptions Get(string? name) => options;

        public IDisposable? OnChange(Action<ConsoleLoggerOptions, string?> listener) => null;
    }
}
