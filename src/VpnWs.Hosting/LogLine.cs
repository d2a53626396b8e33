using Microsoft.Extensions.Logging;

namespace VpnWs.Hosting;

/// <summary>Writes ready-made sentences to the log.</summary>
internal static class LogLine
{
    /// <summary>Writes one sentence as one line.</summary>
    public static void Write(this ILogger log, LogLevel level, string sentence)
    {
        if (log.IsEnabled(level)) log.Log(level, default, sentence, null, static (text, _) => OneLine.Of(text));
    }
}
