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
    [InlineData(true)]
    [InlineData(false)]
    public void Only_a_verbose_log_has_what_helps_to_find_faults(bool verbose)
    {
        using var factory = ConsoleLog.Create(verbose);
        var log = factory.CreateLogger("test");
        Assert.Equal(verbose, log.IsEnabled(LogLevel.Debug));
        Assert.True(log.IsEnabled(LogLevel.Information));
    }

    private static string Write(LogLevel level, string sentence, Exception? exception)
    {
        using var writer = new StringWriter();
        new LineFormatter().Write(new LogEntry<string>(level, "vpn-ws", default, sentence, exception, (text, _) => text), null, writer);
        return writer.ToString();
    }
}
