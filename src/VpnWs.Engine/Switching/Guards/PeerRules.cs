namespace VpnWs.Switching.Guards;

/// <summary>Rules for peers, the first that fits being the one that holds.</summary>
public sealed class PeerRules
{
    private readonly RuleKey[] _keys;
    private readonly RuleVerdict[] _verdicts;
    private readonly RuleVerdict _otherwise;

    /// <summary>Makes rules.</summary>
    /// <param name="rules">The rules in their order.</param>
    /// <param name="defaults">What holds where a rule says nothing, or no rule fits; null for the defaults of a server with rules.</param>
    /// <exception cref="FormatException">A rule says what cannot be.</exception>
    public PeerRules(IReadOnlyList<PeerRule> rules, PortLimits? defaults = null)
    {
        ArgumentNullException.ThrowIfNull(rules);
        if (FindFault(rules, defaults) is { } fault) throw new FormatException(fault.ToString());
        Rules = [.. rules];
        Defaults = (defaults ?? new PortLimits()).Over(PortLimits.WithRules);
        _keys = [.. Rules.Select(static rule => new RuleKey(rule))];
        _verdicts = [.. Rules.Select(rule => new RuleVerdict(rule.Title, rule.Deny, rule.Over(Defaults)))];
        _otherwise = new RuleVerdict("", false, Defaults);
    }

    /// <summary>The rules in their order.</summary>
    public IReadOnlyList<PeerRule> Rules { get; }

    /// <summary>What holds where a rule says nothing, or no rule fits.</summary>
    public PortLimits Defaults { get; }

    /// <summary>Reads rules as the rules file has them: JSON with comments and trailing commas, of the form <c>{ "defaults": { ... }, "rules": [ { ... } ] }</c>.</summary>
    /// <exception cref="FormatException">They are broken; the message says in which line, and how.</exception>
    public static PeerRules Parse(ReadOnlySpan<byte> utf8) => RulesJson.Read(utf8);

    /// <summary>What holds for a peer.</summary>
    /// <param name="user">The user, null or empty for none.</param>
    /// <param name="dn">The subject of the certificate, null or empty for none.</param>
    internal RuleVerdict Judge(string? user, string? dn)
    {
        var subject = dn is null ? null : Wildcard.JoinEscapes(dn);
        for (var i = 0; i < _verdicts.Length; i++)
        {
            if (_keys[i].Fits(user, subject)) return _verdicts[i];
        }

        return _otherwise;
    }

    /// <summary>The first thing that is wrong with rules, or null.</summary>
    internal static RulesFault? FindFault(IReadOnlyList<PeerRule> rules, PortLimits? defaults)
    {
        for (var i = 0; i < rules.Count; i++)
        {
            var wrong = i >= RuleBounds.MostRules ? $"there may be {RuleBounds.MostRules} rules at most" : FaultOf(rules[i]);
            if (wrong is not null) return new RulesFault(i, wrong);
        }

        return defaults?.Fault() is { } fault ? new RulesFault(null, fault) : null;
    }

    // A list made of JSON may have nulls in it.
    private static string? FaultOf(PeerRule? rule) =>
        rule is null ? "this is not { ... }"
        : rule is { User: "" } or { Dn: "" } ? "an empty user or dn fits nobody; leave it out for everybody"
        : (rule.User?.Length ?? 0) + (rule.Dn?.Length ?? 0) > RuleBounds.LongestPattern ? $"user and dn may have {RuleBounds.LongestPattern} signs at most"
        : rule.Name?.Length > RuleBounds.LongestName ? $"name may have {RuleBounds.LongestName} signs at most"
        : rule.Fault();
}

/// <summary>What is wrong with rules.</summary>
/// <param name="Rule">With which, counted from 0; null for the defaults.</param>
/// <param name="Reason">What.</param>
internal sealed record RulesFault(int? Rule, string Reason)
{
    /// <summary>With the place in words.</summary>
    public override string ToString() => $"{(Rule is { } index ? $"rule {index + 1}" : "defaults")}: {Reason}";
}

/// <summary>What the rules say of a peer.</summary>
/// <param name="Rule">What the rule is called; empty for the defaults.</param>
/// <param name="IsDenied">Whether the peer is kept out.</param>
/// <param name="Limits">What it may do.</param>
internal sealed record RuleVerdict(string Rule, bool IsDenied, PortLimits Limits)
{
    // Many peers are compared with few verdicts.
    private string? _text;

    private string Text => _text ??= Limits.ToString();

    /// <summary>Whether other rules say the same of the peer.</summary>
    public bool IsSameAs(RuleVerdict other) =>
        ReferenceEquals(this, other) || (Rule == other.Rule && IsDenied == other.IsDenied && Text == other.Text);
}
