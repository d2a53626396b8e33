namespace VpnWs.Switching.Guards;

/// <summary>A rule: whom it is for, and what they may do.</summary>
public sealed record PeerRule : PortLimits
{
    /// <summary>What the rule is called in the control interface and in the log; by default what it is keyed by.</summary>
    public string? Name { get; init; }

    /// <summary>The users that it is for, as the web server or the server itself has authenticated them: * stands for any text, ? for one sign. A stranger has no user. Null for everybody.</summary>
    public string? User { get; init; }

    /// <summary>The subjects of certificates that it is for, in the same manner. Null for everybody.</summary>
    public string? Dn { get; init; }

    /// <summary>Whether they are kept out altogether. Default false.</summary>
    public bool Deny { get; init; }

    /// <summary>The name, or what stands for it.</summary>
    internal string Title => Name ?? (User, Dn) switch
    {
        ({ } user, { } dn) => $"{user}, {dn}",
        ({ } user, null) => user,
        (null, { } dn) => dn,
        _ => "everybody",
    };

    /// <summary>Whether the rule is for this peer.</summary>
    internal bool Fits(string? user, string? dn) => Matches(User, user) && Matches(Dn, dn);

    private static bool Matches(string? pattern, string? text) => pattern is null || (!string.IsNullOrEmpty(text) && Wildcard.Fits(pattern, text));
}

/// <summary>Compares texts with patterns, in which * stands for any text and ? for one sign.</summary>
internal static class Wildcard
{
    /// <summary>Whether a text is as the pattern says, sign by sign and letters of either case being different. Takes no longer than the product of both lengths.</summary>
    public static bool Fits(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        var (at, star, tried) = (0, -1, 0);
        for (var i = 0; i < text.Length;)
        {
            if (at < pattern.Length && pattern[at] == '*')
            {
                (star, tried) = (at++, i);
            }
            else if (at < pattern.Length && (pattern[at] == '?' || pattern[at] == text[i]))
            {
                at++;
                i++;
            }
            else if (star >= 0)
            {
                // The star takes one sign more.
                at = star + 1;
                i = ++tried;
            }
            else
            {
                return false;
            }
        }

        return pattern[at..].TrimStart('*').IsEmpty;
    }
}
