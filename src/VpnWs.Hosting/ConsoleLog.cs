using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace VpnWs.Hosting;

/// <summary>The programs' log: one line per entry on the standard error, with colours only on a terminal.</summary>
internal static class ConsoleLog
{
    public static ILoggerFactory Create(bool verbose) => LoggerFactory.Create(builder => builder
        .SetMinimumLevel(verbose ? LogLevel.Debug : LogLevel.Information)
        .AddSimpleConsole(options =>
        {
            options.SingleLine = true;
            options.TimestampFormat = "yyyy-MM-dd HH:mm:ss ";
            options.ColorBehavior = Console.IsErrorRedirected ? LoggerColorBehavior.Disabled : LoggerColorBehavior.Enabled;
        })
        .AddConsole(options => options.LogToStandardErrorThreshold = LogLevel.Trace));
}
