using Microsoft.Extensions.Logging;
using VpnWs.Transport;

namespace VpnWs.Hosting;

/// <summary>Writes ready-made sentences to the log.</summary>
internal static class LogLine
{
    /// <summary>Writes one sentence, whatever braces are in it.</summary>
    public static void Write(this ILogger log, LogLevel level, string sentence) => Write(log, level, new LogMessage(sentence, []));

    /// <summary>Writes one sentence with what it is made of.</summary>
    public static void Write(this ILogger log, LogLevel level, LogMessage message) => log.Log(level, default, message, null, static (message, _) => message.Sentence);

    /// <summary>How important an event of the engine is, in the log's terms.</summary>
    public static LogLevel ToLogLevel(this EventLevel level) => level switch
    {
        EventLevel.Debug => LogLevel.Debug,
        EventLevel.Information => LogLevel.Information,
        EventLevel.Warning => LogLevel.Warning,
        _ => LogLevel.Error,
    };
}

/// <summary>A sentence for people, and for programs the facts in it: text, whole numbers, truth values.</summary>
internal sealed record LogMessage(string Sentence, IReadOnlyList<KeyValuePair<string, object>> Facts);
