using System.Management.Automation;

namespace VpnWs.PowerShell;

/// <summary>Wildcard patterns that users write; case does not matter, as everywhere in PowerShell.</summary>
internal static class Patterns
{
    /// <summary>Reads a pattern.</summary>
    /// <exception cref="LanException">It is none.</exception>
    public static WildcardPattern Read(string text)
    {
        var pattern = WildcardPattern.Get(text, WildcardOptions.IgnoreCase);
        try
        {
            // It is only read when it is used.
            pattern.IsMatch("");
        }
        catch (WildcardPatternException)
        {
            throw new LanException(
                "PatternInvalid", ErrorCategory.InvalidArgument, $"'{text}' is no wildcard pattern.", "Close each [ with a ], or write `[ where the character itself is meant.");
        }

        return pattern;
    }

    /// <summary>Whether one of the patterns matches.</summary>
    public static bool Match(WildcardPattern[] patterns, string text) => Array.Exists(patterns, pattern => pattern.IsMatch(text));
}
