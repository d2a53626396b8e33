using System.Globalization;

namespace VpnWs.Switching.Guards;

/// <summary>VLANs that follow each other (IEEE 802.1Q): 1 to 4094, and 0 for frames without a tag. Written <c>10</c> or <c>10-19</c>.</summary>
public readonly record struct VlanRange
{
    /// <summary>The highest VLAN: 4094.</summary>
    public const int Highest = 4094;

    /// <summary>Makes a range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such VLAN, or the last is before the first.</exception>
    public VlanRange(int first, int last)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(last, Highest);
        ArgumentOutOfRangeException.ThrowIfLessThan(last, first);
        (First, Last) = (first, last);
    }

    /// <summary>The first VLAN.</summary>
    public int First { get; }

    /// <summary>The last VLAN.</summary>
    public int Last { get; }

    /// <summary>Reads <c>10</c> or <c>10-19</c>.</summary>
    /// <exception cref="FormatException">The text is something else.</exception>
    public static VlanRange Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        var (first, last) = dash < 0 ? (text, text) : (text[..dash], text[(dash + 1)..]);
        return TryRead(first, out var from) && TryRead(last, out var to) && from <= to
            ? new VlanRange(from, to)
            : throw new FormatException($"'{text}' is no VLAN from 0 to {Highest} and no range of them, such as 10-19");
    }

    /// <summary>The range as it is written.</summary>
    public override string ToString() => First == Last ? First.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{First}-{Last}");

    private static bool TryRead(string text, out int id) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id) && id <= Highest;
}
