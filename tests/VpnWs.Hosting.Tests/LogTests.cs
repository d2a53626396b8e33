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
        Assert.Matches($"^\\d{{4}}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d {word}: peer \\{{0\\}} says hello warn: me$", Write(level, "peer {0} says hello\nwarn: me", null));

    [Fact]
    public void An_exception_is_on_the_same_line() =>
        Assert.EndsWith("failed: System.InvalidOperationException: why not", Write(LogLevel.Debug, "failed", new InvalidOperationException("why\nnot")), StringComparison.Ordinal);

    [Theory]
    [InlineData(LogLevel.Debug, 7)]
    [InlineData(LogLevel.Information, 6)]
    [InlineData(LogLevel.Warning, 4)]
    [InlineData(LogLevel.Error, 3)]
    public void For_the_journal_an_entry_has_its_priority(LogLevel level, int priority) =>
        Assert.Equal($"<{priority}>a b", Write(level, "a\nb", null, LogFormat.Systemd));

    [Fact]
    public void As_json_an_entry_is_an_object_with_the_facts()
    {
        var message = new LogMessage("peer \"7\"\njoined", [new("peer", 7L), new("user", "ada\n\"x\""), new("bridge", true)]);
        var line = new LineFormatter(LogFormat.Json).Line(new LogEntry<LogMessage>(LogLevel.Warning, "", default, message, null, (m, _) => m.Sentence));
        Assert.DoesNotContain('\n', line);
        using var json = JsonDocument.Parse(line);
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
        using var log = new ConsoleLog(new LogSettings(LogFormat.Text, verbose, quiet));
        Assert.True(log.IsEnabled(least));
        Assert.False(log.IsEnabled(least - 1));
    }

    [Fact(Timeout = 60_000)]
    public async Task What_a_stalled_reader_makes_us_lose_is_told_in_the_form_of_the_log_once_it_reads_on()
    {
        using var output = new StalledWriter();
        using (var log = new ConsoleLog(new LogSettings(LogFormat.Json), output))
        {
            log.Write(LogLevel.Information, "0");
            await output.Entered.WaitAsync(TestContext.Current.CancellationToken);
            for (var i = 1; i <= LogQueue.Capacity + 7; i++) log.Write(LogLevel.Information, $"{i}");
            output.GoOn.Release();
        }

        var lines = output.Lines.Select(static line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(Enumerable.Range(0, LogQueue.Capacity + 1).Select(static i => $"{i}"), lines.SkipLast(1).Select(static line => line.GetProperty("message").GetString()));
        Assert.Equal(("warn", "lost", 7), (lines[^1].GetProperty("level").GetString(), lines[^1].GetProperty("event").GetString(), lines[^1].GetProperty("count").GetInt32()));
    }

    [Fact(Timeout = 60_000)]
    public async Task What_cannot_be_written_is_told_once_a_line_can()
    {
        using var output = new StalledWriter { Failures = 1 };
        using (var log = new ConsoleLog(new LogSettings(LogFormat.Systemd), output))
        {
            output.GoOn.Release();
            log.Write(LogLevel.Information, "bad");
            await output.Entered.WaitAsync(TestContext.Current.CancellationToken);
            log.Write(LogLevel.Information, "good");
        }

        // The good one may be on its way before the bad one has failed.
        Assert.Equal(["<4>1 lines of the log are lost: whoever reads it did not keep up, or it could not be written", "<6>good"], output.Lines.Order(StringComparer.Ordinal));
    }

    private static string Write(LogLevel level, string sentence, Exception? exception, LogFormat format = LogFormat.Text) =>
        new LineFormatter(format).Line(new LogEntry<string>(level, "", default, sentence, exception, (text, _) => text));

    /// <summary>Takes no line before it is let go on, and after that fails as often as it is told to.</summary>
    private sealed class StalledWriter : StringWriter
    {
        private int _failures;

        public SemaphoreSlim Entered { get; } = new(0);

        public SemaphoreSlim GoOn { get; } = new(0);

        public int Failures { init => _failures = value; }

        public IReadOnlyList<string> Lines => GetStringBuilder().ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);

        public override void WriteLine(string? value)
        {
            Entered.Release();
            GoOn.Wait();
            GoOn.Release();
            if (_failures-- > 0) throw new IOException("No space left on device");
            base.WriteLine(value);
        }

        protected override void Dispose(bool disposing)
        {
            Entered.Dispose();
            GoOn.Dispose();
            base.Dispose(disposing);
        }
    }
}
