using VpnWs.Ethernet;
using VpnWs.Hosting;
using VpnWs.Server;
using VpnWs.Transport;

namespace VpnWs.PowerShell;

/// <summary>What kind of thing happened in a server.</summary>
public enum LanEventKind
{
    /// <summary>A peer joined.</summary>
    PeerJoined,

    /// <summary>A peer left; the reason says why.</summary>
    PeerLeft,

    /// <summary>A connection did not become a peer; the reason says why.</summary>
    PeerRefused,

    /// <summary>A peer uses an address that another one holds; its frames from it are dropped.</summary>
    MacConflict,

    /// <summary>Frames of a peer did not pass a guard or a limit, its address was frozen, or it was blocked; the reason says which.</summary>
    GuardHit,

    /// <summary>The state of the server, or of its tap or listeners, changed, or what it reads from files.</summary>
    StateChanged,
}

/// <summary>Something that happened in a server; also the arguments of its events.</summary>
public sealed class LanEventArgs : EventArgs
{
    private LanEventArgs(LanEventKind kind, LanServer server, ServerEvent source)
    {
        (Kind, Server, Time, Message) = (kind, server.Name, source.Time.LocalDateTime, source.ToString() ?? "");
        Level = source.Level;
    }

    /// <summary>A change of state that the module itself made.</summary>
    internal LanEventArgs(LanServer server, string message, EventLevel level = EventLevel.Information) =>
        (Kind, Server, Time, Message, Level) = (LanEventKind.StateChanged, server.Name, DateTime.Now, message, level);

    /// <summary>The server's files were read again, or could not be.</summary>
    internal LanEventArgs(LanServer server, ReloadOutcome outcome)
        : this(server, outcome.ToString(), outcome.Fault is null ? EventLevel.Information : EventLevel.Warning) => Reason = outcome.Fault ?? "";

    /// <summary>What kind of thing happened.</summary>
    public LanEventKind Kind { get; }

    /// <summary>When it happened.</summary>
    public DateTime Time { get; }

    /// <summary>The name of the server.</summary>
    public string Server { get; }

    /// <summary>The peer, for one that joined or left; else null.</summary>
    public LanPeer? Peer { get; private init; }

    /// <summary>The id of the peer that joined, left, or claims another's address; else null.</summary>
    public long? PeerId { get; private init; }

    /// <summary>The address that it is about, or null.</summary>
    public MacAddress? MacAddress { get; private init; }

    /// <summary>Where the peer or the refused connection comes from; empty where it is unknown.</summary>
    public string RemoteAddress { get; private init; } = "";

    /// <summary>The user that the peer, or who was refused, proved to be; empty for none.</summary>
    public string User { get; private init; } = "";

    /// <summary>The subject of the certificate that the peer, or who was refused, proved to have; empty for none.</summary>
    public string DistinguishedName { get; private init; } = "";

    /// <summary>Why, in words; empty where nothing needs a reason.</summary>
    public string Reason { get; private init; } = "";

    /// <summary>All of it in one sentence.</summary>
    public string Message { get; }

    /// <summary>How much it matters.</summary>
    public EventLevel Level { get; }

    /// <summary>All of it in one sentence.</summary>
    public override string ToString() => Message;

    /// <summary>What an engine's event means to a script; null where it means nothing.</summary>
    internal static LanEventArgs? Of(LanServer server, ServerEvent source) => source switch
    {
        PeerJoined joined => OfPeer(LanEventKind.PeerJoined, server, source, joined.Peer, ""),
        PeerLeft left => OfPeer(LanEventKind.PeerLeft, server, source, left.Peer, left.Reason),
        PeerRefused refused => new LanEventArgs(LanEventKind.PeerRefused, server, source)
        {
            RemoteAddress = refused.RemoteAddress,
            User = OneLine.Of(refused.RemoteUser),
            DistinguishedName = OneLine.Of(refused.DistinguishedName),
            Reason = refused.Reason,
        },
        RefusalsLeftOut => new LanEventArgs(LanEventKind.PeerRefused, server, source) { Reason = source.ToString() ?? "" },
        AddressConflict conflict => new LanEventArgs(LanEventKind.MacConflict, server, source)
        {
            MacAddress = conflict.Address,
            PeerId = conflict.ClaimantId,
            Reason = $"peer {conflict.HolderId} holds it",
        },
        GuardHit hit => OfPeer(LanEventKind.GuardHit, server, source, hit.Peer, hit.Guard),
        AddressFrozen frozen => new LanEventArgs(LanEventKind.GuardHit, server, source) { MacAddress = frozen.Address, PeerId = frozen.ClaimantId, Reason = "addressFrozen" },
        PortBlocked blocked => new LanEventArgs(LanEventKind.GuardHit, server, source) { PeerId = blocked.PortId, Reason = "loopBlocked" },
        RulesChanged or LimitsChanged or PortUnblocked => new LanEventArgs(LanEventKind.StateChanged, server, source) { Reason = source.ToString() ?? "" },
        TapLost or TapReopenFailed or TapRestored or ListenerFault or EventsLost => new LanEventArgs(LanEventKind.StateChanged, server, source) { Reason = source.ToString() ?? "" },
        _ => null,
    };

    private static LanEventArgs OfPeer(LanEventKind kind, LanServer server, ServerEvent source, PeerInfo peer, string reason) => new(kind, server, source)
    {
        Peer = new LanPeer(peer, server),
        PeerId = peer.Id,
        MacAddress = peer.Mac,
        RemoteAddress = peer.RemoteAddress,
        User = OneLine.Of(peer.RemoteUser),
        DistinguishedName = OneLine.Of(peer.DistinguishedName),
        Reason = reason,
    };
}
