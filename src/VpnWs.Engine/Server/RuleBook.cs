using VpnWs.Ethernet;
using VpnWs.Http;
using VpnWs.Switching.Guards;

namespace VpnWs.Server;

/// <summary>The rules of the moment, and what they come to together with the options of the server.</summary>
internal sealed class RuleBook(VpnWsServerOptions options)
{
    private readonly RuleVerdict _free = new("", false, new PortLimits { Bridge = options.PeerBridge ?? false });
    private readonly RuleVerdict _trusted = new("", false, new PortLimits { Bridge = options.PeerBridge ?? true });
    private volatile PeerRules? _rules = options.Rules;

    /// <summary>The rules; null where there are none.</summary>
    public PeerRules? Rules
    {
        get => _rules;
        set => _rules = value;
    }

    /// <summary>What the rules say of a peer; without rules, what the options say.</summary>
    /// <param name="user">The user that it proved to be, or null.</param>
    /// <param name="name">The subject of its certificate, or null.</param>
    /// <param name="isUwsgi">Whether it came over uwsgi.</param>
    public RuleVerdict Judge(string? user, string? name, bool isUwsgi) =>
        _rules?.Judge(user, name) ?? (isUwsgi ? _trusted : _free);

    /// <summary>Why the rules keep a peer out, or null.</summary>
    public static HandshakeVerdict.Refused? Objection(RuleVerdict verdict, MacAddress? declared) =>
        verdict.IsDenied ? new HandshakeVerdict.Refused(403, "The rules of this server keep this user out.")
        : declared is { } mac && verdict.Limits.Macs is { Count: > 0 } macs && !macs.Contains(mac) ? new HandshakeVerdict.Refused(403, $"The rules of this server do not give this user the MAC address {mac}.")
        : null;

    /// <summary>The limits with those numbers in which they did not say.</summary>
    /// <param name="limits">The limits.</param>
    /// <param name="isBridge">Whether the peer is a bridge.</param>
    public PortLimits Complete(PortLimits limits, bool isBridge) => limits with
    {
        MaxMacs = limits.MaxMacs ?? (isBridge ? options.MaxAddressesPerBridge : 1),
        StormLimit = limits.StormLimit ?? (isBridge ? 0 : options.StormLimit),
    };
}
