using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using VpnWs.Hosting;

namespace VpnWs.Tests.Hosting;

public sealed class LogTests
{
    [Theory]
    [InlineData("plain words", "plain words")]
    [InlineData("", "")]
    [InlineData("a\nb", "a b")]
    [InlineData("a\r\n\n  b\n", "a b")]
    [InlineData("\n", "")]
    [InlineData("a\tb\x1b[2Jc\x7f\x9b", "a?b?[2Jc??")]
    [InlineData("a\u202eb\u2028c\u2029d\u200be", "a?b?c?d?e")]
    [InlineData("J\u00fcrgen \u4f60", "J\u00fcrgen \u4f60")]
    public void Foreign_words_stay_on_their_line(string text, string expected) => Assert.Equal(expected, OneLine.Of(text));

    [Theory]
    [InlineData(LogLevel.Debug, "debug")]
    [InlineData(LogLevel.Information, "info")]
    [InlineData(LogLevel.Warning, "warn")]
    [InlineData(LogLevel.Error, "error")]
    public void An_entry_is_one_line_with_its_time_and_level(LogLevel level, string word) =>
        Assert.Matches($"^\\d{{4}}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d {word}: peer \\{{0\\}} says hello warn: me\n$", Write(level, "peer {0} says hello\nwarn: me", null));

    [Fact]
    public void An_exception_is_on_the_same_line() =>
        Assert.EndsWith("failed: System.InvalidOperationException: why not\n", Write(LogLevel.Debug, "failed", new InvalidOperationException("why\nnot")), StringComparison.Ordinal);

    [Theory]
    [InlineData(LogLevel.Debug, 7)]
    [InlineData(LogLevel.Information, 6)]
    [InlineData(LogLevel.Warning, 4)]
    [InlineData(LogLevel.Error, 3)]
    public void For_the_journal_an_entry_has_its_priority(LogLevel level, int priority) =>
        Assert.Equal($"<{priority}>a b\n", Write(level, "a\nb", null, LogFormat.Systemd));

    [Fact]
    public void As_json_an_entry_is_an_object_with_the_facts()
    {
        using var writer = new StringWriter();
        var message = new LogMessage("peer \"7\"\njoined", [new("peer", 7L), new("user", "ada\n\"x\""), new("bridge", true)]);
        new LineFormatter(LogFormat.Json).Write(new LogEntry<LogMessage>(LogLevel.Warning, "vpn-ws", default, message, null, (m, _) => m.Sentence), null, writer);
        Assert.Single(writer.ToString().TrimEnd().Split('\n'));
        using var json = JsonDocument.Parse(writer.ToString());
        Assert.True(DateTimeOffset.TryParse(json.RootElement.GetProperty("time").GetString(), CultureInfo.InvariantCulture, out _));
        var rest = json.RootElement.EnumerateObject().Skip(1).Select(field => $"{field.Name}={field.Value}");
        Assert.Equal(["level=warn", "message=peer \"7\" joined", "peer=7", "user=ada\n\"x\"", "bridge=True"], rest);
    }

    [Theory]
    [InlineData(false, false, LogLevel.Information)]
    [InlineData(true, false, LogLevel.Debug)]
    [InlineData(false, true, LogLevel.Warning)]
    public void A_verbose_log_has_more_and_a_quiet_one_less(bool verbose, bool quiet, LogLevel least)
    {
        using var log = new ConsoleLog("test", new LogSettings(LogFormat.Text, verbose, quiet));
        Assert.True(log.IsEnabled(least));
        Assert.False(log.IsEnabled(least - 1));
    }

    private static string Write(LogLevel level, string sentence, Exception? exception, LogFormat format = LogFormat.Text)
    {
        using var writer = new StringWriter();
        new LineFormatter(format).Write(new LogEntry<string>(level, "vpn-ws", default, sentence, exception, (text, _) => text), null, writer);
        return writer.ToString();
    }
}
