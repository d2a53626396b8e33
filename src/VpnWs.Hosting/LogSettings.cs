using Microsoft.Extensions.Logging;

namespace VpnWs.Hosting;

/// <summary>How the log is written.</summary>
internal enum LogFormat
{
    /// <summary>Time, level, sentence.</summary>
    Text,

    /// <summary>An object a line.</summary>
    Json,

    /// <summary>The priority of sd-daemon(3), then the sentence; the journal adds the time.</summary>
    Systemd,
}

/// <summary>What is logged and how.</summary>
/// <param name="Format">How.</param>
/// <param name="IsVerbose">Whether to log what is only of use when looking for a fault.</param>
/// <param name="IsQuiet">Whether to log warnings and errors alone.</param>
internal sealed record LogSettings(LogFormat Format = LogFormat.Text, bool IsVerbose = false, bool IsQuiet = false)
{
    /// <summary>The least that is logged.</summary>
    public LogLevel Least => IsVerbose ? LogLevel.Debug : IsQuiet ? LogLevel.Warning : LogLevel.Information;
}
