using System.Globalization;

namespace VpnWs.PowerShell;

/// <summary>A length of time that can be compared with text such as <c>90s</c>, <c>15m</c>, <c>1h</c>, <c>2d</c> or <c>00:15:00</c>, and is a TimeSpan wherever one is wanted.</summary>
/// <param name="TimeSpan">The same as a TimeSpan.</param>
public readonly record struct Duration(TimeSpan TimeSpan) : IComparable<Duration>, IComparable
{
    /// <summary>The whole of it in seconds.</summary>
    public double TotalSeconds => TimeSpan.TotalSeconds;

    /// <summary>The whole of it in minutes.</summary>
    public double TotalMinutes => TimeSpan.TotalMinutes;

    /// <summary>The whole of it in hours.</summary>
    public double TotalHours => TimeSpan.TotalHours;

    /// <summary>The whole of it in days.</summary>
    public double TotalDays => TimeSpan.TotalDays;

    /// <summary>Reads <c>90s</c>, <c>15m</c>, <c>1.5h</c>, <c>2d</c>, or what a TimeSpan is written as.</summary>
    /// <exception cref="FormatException">It is neither.</exception>
    public static Duration Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var number = text.AsSpan(0, Math.Max(0, text.Length - 1));
        double? unit = text.Length == 0 ? null : char.ToLowerInvariant(text[^1]) switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => Seconds.PerDay, _ => null };
        if (unit is { } seconds && double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count))
            return new Duration(TimeSpan.FromSeconds(count * seconds));
        return text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var span)
            ? new Duration(span)
            : throw new FormatException($"'{text}' is no length of time; write it as 90s, 15m, 1h, 2d or 00:15:00.");
    }

    /// <summary>A TimeSpan as a duration.</summary>
    public static implicit operator Duration(TimeSpan span) => new(span);

    /// <summary>A duration as a TimeSpan.</summary>
    public static implicit operator TimeSpan(Duration duration) => duration.TimeSpan;

    // PowerShell reads 90s without quotes as a short and 2d as a decimal, before anybody is asked: these give them back their meaning.

    /// <summary>Seconds, for <c>90s</c> without quotes is a short to PowerShell.</summary>
    public static implicit operator Duration(short seconds) => new(TimeSpan.FromSeconds(seconds));

    /// <summary>Days, for <c>2d</c> without quotes is a decimal to PowerShell.</summary>
    public static implicit operator Duration(decimal days) => new(TimeSpan.FromDays((double)days));

    /// <summary>Whether one is shorter.</summary>
    public static bool operator <(Duration left, Duration right) => left.TimeSpan < right.TimeSpan;

    /// <summary>Whether one is longer.</summary>
    public static bool operator >(Duration left, Duration right) => left.TimeSpan > right.TimeSpan;

    /// <summary>Whether one is not longer.</summary>
    public static bool operator <=(Duration left, Duration right) => left.TimeSpan <= right.TimeSpan;

    /// <summary>Whether one is not shorter.</summary>
    public static bool operator >=(Duration left, Duration right) => left.TimeSpan >= right.TimeSpan;

    /// <summary>The same as a TimeSpan.</summary>
    public TimeSpan ToTimeSpan() => TimeSpan;

    /// <summary>A TimeSpan as a duration.</summary>
    public static Duration FromTimeSpan(TimeSpan span) => new(span);

    /// <summary>A number of seconds as a duration.</summary>
    public static Duration FromInt16(short seconds) => seconds;

    /// <summary>A number of days as a duration.</summary>
    public static Duration FromDecimal(decimal days) => days;

    /// <inheritdoc/>
    public int CompareTo(Duration other) => TimeSpan.CompareTo(other.TimeSpan);

    /// <inheritdoc/>
    public int CompareTo(object? obj) => obj is Duration other ? CompareTo(other) : 1;

    /// <summary>What a TimeSpan is written as.</summary>
    public override string ToString() => TimeSpan.ToString();
}
