using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace VpnWs.Hosting;

/// <summary>
/// Writes an entry of the log, always on one line: as <c>2026-01-31 23:59:59 warn: sentence</c> in local time, as <c>&lt;4&gt;sentence</c>, or as
/// <c>{"time":"2026-01-31T23:59:59.123+01:00","level":"warn","message":"sentence"}</c> with the facts of an event after that.
/// </summary>
internal sealed class LineFormatter(LogFormat format)
{
    private static readonly JsonWriterOptions JsonOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The line, without its end.</summary>
    public string Line<TState>(in LogEntry<TState> logEntry)
    {
        var (level, priority) = logEntry.LogLevel switch
        {
            LogLevel.Trace or LogLevel.Debug => ("debug", 7),
            LogLevel.Information => ("info", 6),
            LogLevel.Warning => ("warn", 4),
            _ => ("error", 3),
        };
        var sentence = logEntry.Formatter(logEntry.State, logEntry.Exception);
        if (logEntry.Exception is { } exception) sentence = $"{sentence}: {exception}";
        sentence = OneLine.Of(sentence);
        return format switch
        {
            LogFormat.Json => Json(level, sentence, logEntry.State as LogMessage),
            LogFormat.Systemd => string.Create(CultureInfo.InvariantCulture, $"<{priority}>{sentence}"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{DateTime.Now:yyyy-MM-dd HH:mm:ss} {level}: {sentence}"),
        };
    }

    private static string Json(string level, string sentence, LogMessage? message)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, JsonOptions))
        {
            json.WriteStartObject();
            json.WriteString("time", DateTimeOffset.Now.ToString("yyyy-MM-dd'T'HH:mm:ss.fffzzz", CultureInfo.InvariantCulture));
            json.WriteString("level", level);
            json.WriteString("message", sentence);
            foreach (var (name, value) in message?.Facts ?? []) Write(json, name, value);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter json, string name, object value)
    {
        switch (value)
        {
            case long number:
                json.WriteNumber(name, number);
                break;
            case bool truth:
                json.WriteBoolean(name, truth);
                break;
            default:
                json.WriteString(name, value.ToString());
                break;
        }
    }
}
