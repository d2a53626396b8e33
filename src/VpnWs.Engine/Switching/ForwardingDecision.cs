using VpnWs.Switching.Guards;

namespace VpnWs.Switching;

/// <summary>What is to become of a frame.</summary>
internal enum ForwardingKind : byte
{
    /// <summary>It goes nowhere; the reason has been counted.</summary>
    Drop,

    /// <summary>It goes to one port.</summary>
    Unicast,

    /// <summary>It goes to every target but the port it came from.</summary>
    Flood,

    /// <summary>More of the frame must be clear before it can be decided on.</summary>
    Unread,
}

/// <summary>Where a frame goes. Making one allocates nothing: the targets of a flood are a list that all floods share until a port joins or leaves.</summary>
internal readonly struct ForwardingDecision
{
    private readonly SwitchPort? _port;
    private readonly SwitchPort[]? _targets;

    private ForwardingDecision(ForwardingKind kind, DropReason reason, SwitchPort? port, SwitchPort[]? targets, FrameVlan vlan = default, Tagging tagging = Tagging.Keep)
    {
        Vlan = vlan;
        Tagging = tagging;
        Kind = kind;
        Reason = reason;
        _port = port;
        _targets = targets;
    }

    /// <summary>Which of the three it is.</summary>
    public ForwardingKind Kind { get; }

    /// <summary>Why the frame is dropped; <see cref="DropReason.None"/> where it is not.</summary>
    public DropReason Reason { get; }

    /// <summary>The one port of a unicast; null otherwise.</summary>
    public SwitchPort Port => _port!;

    /// <summary>The ports of a flood, perhaps none. <b>May contain the port that the frame came from: skip it.</b> Where that port or the target has a guard, ask <see cref="Egress"/>. Empty where it is no flood.</summary>
    public ReadOnlySpan<SwitchPort> Targets => _targets;

    /// <summary>The VLAN of the frame, as far as a guard wanted to know it.</summary>
    public FrameVlan Vlan { get; }

    /// <summary>What has to be done to the tag of a unicast frame.</summary>
    public Tagging Tagging { get; }

    /// <summary>More of the frame must be clear.</summary>
    public static ForwardingDecision Unread => new(ForwardingKind.Unread, DropReason.None, null, null);

    /// <summary>The frame is dropped.</summary>
    public static ForwardingDecision Drop(DropReason reason) => new(ForwardingKind.Drop, reason, null, null);

    /// <summary>The frame goes to one port.</summary>
    public static ForwardingDecision Unicast(SwitchPort port) => new(ForwardingKind.Unicast, DropReason.None, port, null);

    /// <summary>The frame goes to one port, perhaps with another tag.</summary>
    public static ForwardingDecision Unicast(SwitchPort port, FrameVlan vlan, Tagging tagging) => new(ForwardingKind.Unicast, DropReason.None, port, null, vlan, tagging);

    /// <summary>The frame goes to many.</summary>
    public static ForwardingDecision Flood(SwitchPort[] targets, FrameVlan vlan = default) => new(ForwardingKind.Flood, DropReason.None, null, targets, vlan);
}
