using System.Collections;

namespace VpnWs.PowerShell;

/// <summary>Completes the names of taps that a cmdlet takes.</summary>
internal abstract class TapCompleter : SessionCompleter
{
    protected sealed override IEnumerable<(string Text, string Hint)> Candidates(LanSession session, IDictionary bound) =>
        Taps(session).Select(static tap => (tap.Name, $"{tap.Kind} tap {tap.MacAddress}{(tap.UsedBy is { } user ? $", used by {user}" : "")}"));

    protected abstract IEnumerable<LanTap> Taps(LanSession session);

    /// <summary>The taps, and after each the other end of its pair.</summary>
    protected static IEnumerable<LanTap> WithPeers(LanSession session) => session.Taps.All.SelectMany(static tap => tap.Peer is { } peer ? new[] { tap, peer } : [tap]);
}

/// <summary>Those that the session lists.</summary>
internal sealed class ListedTapCompleter : TapCompleter
{
    protected override IEnumerable<LanTap> Taps(LanSession session) => session.Taps.All;
}

/// <summary>Those that the session lists and nothing uses.</summary>
internal sealed class RemovableTapCompleter : TapCompleter
{
    protected override IEnumerable<LanTap> Taps(LanSession session) => session.Taps.All.Where(static tap => tap.UsedBy is null && tap.Peer?.UsedBy is null);
}

/// <summary>Those that a server or a connection can have, either end of a pair.</summary>
internal sealed class FreeTapCompleter : TapCompleter
{
    protected override IEnumerable<LanTap> Taps(LanSession session) => WithPeers(session).Where(static tap => tap is { UsedBy: null, IsClosed: false });
}

/// <summary>The ends of pairs that a script holds.</summary>
internal sealed class OwnEndCompleter : TapCompleter
{
    protected override IEnumerable<LanTap> Taps(LanSession session) => WithPeers(session).Where(static tap => tap is { Kind: TapKind.Loopback, UsedBy: null, IsClosed: false });
}
