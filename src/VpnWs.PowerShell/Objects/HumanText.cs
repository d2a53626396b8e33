using System.Globalization;

namespace VpnWs.PowerShell;

/// <summary>Sizes and times as tables show them; the objects keep the numbers.</summary>
public static class HumanText
{
    private const double Unit = 1024;
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

    /// <summary>A number of bytes with three digits and a unit, such as 1.24 MiB.</summary>
    public static string Bytes(long bytes)
    {
        double value = bytes;
        var unit = 0;
        while (value >= Unit - 0.5 && unit < Units.Length - 1)
        {
            value /= Unit;
            unit++;
        }

        var format = unit == 0 || value >= 99.95 ? "0" : value >= 9.995 ? "0.0" : "0.00";
        return $"{value.ToString(format, CultureInfo.InvariantCulture)} {Units[unit]}";
    }

    /// <summary>A number of frames, such as 1 frame.</summary>
    public static string Frames(long frames) => FormattableString.Invariant($"{frames} frame{(frames == 1 ? "" : "s")}");

    /// <summary>A length of time by its two largest units, such as 3h 12m.</summary>
    public static string Time(TimeSpan time) => time switch
    {
        { TotalDays: >= 1 } => FormattableString.Invariant($"{(int)time.TotalDays}d {time.Hours}h"),
        { TotalHours: >= 1 } => FormattableString.Invariant($"{time.Hours}h {time.Minutes}m"),
        { TotalMinutes: >= 1 } => FormattableString.Invariant($"{time.Minutes}m {time.Seconds}s"),
        _ => FormattableString.Invariant($"{Math.Max(0, time.Seconds)}s"),
    };

    /// <summary>How long ago a moment was, such as 3h 12m; empty for none.</summary>
    public static string Since(DateTime? moment) => moment is { } then ? Time(DateTime.Now - then) : "";
}
