using System.Text;

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
}

/// <summary>Whom a rule is for, made ready once for all the peers that it is compared with.</summary>
/// <param name="rule">The rule.</param>
internal readonly struct RuleKey(PeerRule rule)
{
    private readonly string? _user = rule.User;
    private readonly string? _subject = rule.Dn is null ? null : Wildcard.JoinEscapes(rule.Dn);

    /// <summary>Whether the rule is for this peer.</summary>
    /// <param name="user">The user.</param>
    /// <param name="subject">The subject of its certificate, its escapes joined.</param>
    public bool Fits(string? user, string? subject) => Matches(_user, user) && Matches(_subject, subject);

    private static bool Matches(string? pattern, string? text) => pattern is null || (!string.IsNullOrEmpty(text) && Wildcard.Fits(pattern, text));
}

/// <summary>Compares texts with patterns, in which * stands for any text and ? for one sign.</summary>
internal static class Wildcard
{
    private const int FirstPrivateSign = 0xe000;

    /// <summary>
    /// A subject or a pattern for one, in which a backslash and what it escapes (RFC 4514 section 2.4) are one sign. A star that took the backslash alone
    /// would make a separator of a comma that is part of a name, and names may be anything.
    /// </summary>
    public static string JoinEscapes(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal)) return text;
        var joined = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 1 < text.Length && text[i + 1] < 0x80) joined.Append((char)(FirstPrivateSign + text[++i]));
            else joined.Append(text[i]);
        }

        return joined.ToString();
    }

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
