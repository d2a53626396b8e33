using Microsoft.Extensions.Logging;

namespace VpnWs.Hosting;

/// <summary>Writes ready-made sentences to the log.</summary>
internal static class LogLine
{
    /// <summary>Writes one sentence, whatever braces are in it.</summary>
    public static void Write(this ILogger log, LogLevel level, string sentence) => log.Log(level, default, sentence, null, static (text, _) => text);
}
