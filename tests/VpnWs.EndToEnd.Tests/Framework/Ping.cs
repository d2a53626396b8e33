using System.Globalization;
using System.Text.RegularExpressions;

namespace VpnWs.Tests.Framework;

/// <summary>What <c>ping</c> found.</summary>
internal sealed partial record Ping(int Sent, int Received, double MeanMilliseconds, double MaxMilliseconds)
{
    public int Lost => Sent - Received;

    public static Ping Send(NetworkNamespace from, string to, int count = 5, int? payload = null, double interval = 0.05)
    {
        using var ping = Start(from, to, count, payload, interval);
        ping.WaitForExit(TimeSpan.FromSeconds(10 + count * (interval + 1)));
        return Parse(ping.Output);
    }

    /// <summary>Starts a stretch of pings to be read with <see cref="Parse"/> once it ended, or was interrupted.</summary>
    public static ProcessUnderTest Start(NetworkNamespace from, string to, int count, int? payload = null, double interval = 0.05)
    {
        Requires.Tool("ping");
        // "-M do": a packet that does not fit is to fail, not to be cut into fragments that do.
        string[] size = payload is { } bytes ? ["-M", "do", "-s", Text(bytes)] : [];
        return from.Start(["ping", "-n", "-q", "-c", Text(count), "-i", Text(interval), "-W", "2", .. size, to]);
    }

    public static Ping Parse(string output)
    {
        var counts = Counts().Match(output);
        Assert.True(counts.Success, output);
        var times = Times().Match(output);
        return new Ping(
            int.Parse(counts.Groups[1].Value, CultureInfo.InvariantCulture),
            int.Parse(counts.Groups[2].Value, CultureInfo.InvariantCulture),
            times.Success ? double.Parse(times.Groups[1].Value, CultureInfo.InvariantCulture) : double.NaN,
            times.Success ? double.Parse(times.Groups[2].Value, CultureInfo.InvariantCulture) : double.NaN);
    }

    /// <summary>Whether one ping gets through.</summary>
    public static bool Reaches(NetworkNamespace from, string to)
    {
        using var ping = from.Start("ping", "-n", "-q", "-c", "1", "-W", "1", to);
        return ping.WaitForExit() == 0;
    }

    public static void WaitUntilReaches(NetworkNamespace from, string to, TimeSpan? deadline = null) =>
        Eventually.True($"{from.Name} reaches {to}", () => Reaches(from, to), deadline);

    private static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"(\d+) packets transmitted, (\d+) received")]
    private static partial Regex Counts();

    [GeneratedRegex(@"= [\d.]+/([\d.]+)/([\d.]+)/")]
    private static partial Regex Times();
}
