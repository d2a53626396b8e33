using Microsoft.Extensions.Logging;

namespace VpnWs.Hosting;

/// <summary>Writes ready-made sentences to the log.</summary>
internal static class LogLine
{
    /// <summary>Writes one sentence, whatever braces are in it.</summary>
    public static void Write(this ILogger log, LogLevel level, string sentence) => Write(log, level, new LogMessage(sentence, []));

    /// <summary>Writes one sentence with what it is made of.</summary>
    public static void Write(this ILogger log, LogLevel level, LogMessage message) => log.Log(level, default, message, null, static (message, _) => message.Sentence);
}

/// <summary>A sentence for people, and for programs the facts in it: text, whole numbers, truth values.</summary>
internal sealed record LogMessage(string Sentence, IReadOnlyList<KeyValuePair<string, object>> Facts);
