using System.Globalization;

namespace VpnWs.Switching.Guards;

/// <summary>Numbers by the second, written 1000, 20k, 20M or 1.5G.</summary>
internal static class Rate
{
    /// <summary>Reads a number; k, M and G stand for a thousand, a million and a thousand million.</summary>
    public static bool TryParse(string? text, out long rate)
    {
        rate = 0;
        if (string.IsNullOrEmpty(text)) return false;
        var factor = text[^1] switch
        {
            'k' or 'K' => 1_000m,
            'm' or 'M' => 1_000_000m,
            'g' or 'G' => 1_000_000_000m,
            _ => 1m,
        };
        if (!decimal.TryParse(factor == 1m ? text : text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) return false;
        if (number > RuleBounds.HighestRate / factor) return false;
        rate = (long)(number * factor);
        return rate == number * factor;
    }
}
