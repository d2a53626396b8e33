using VpnWs.Ethernet;
using VpnWs.Switching.Guards;

namespace VpnWs.Switching;

/// <summary>A place where frames enter and leave the switch: a peer or the server's own tap. The engine derives its ports from it.</summary>
/// <param name="id">A number that no other port has or had.</param>
internal abstract class SwitchPort(long id)
{
    private long _lastHeard;
    private volatile PortGuard? _guard;

    /// <summary>The number given at construction.</summary>
    public long Id { get; } = id;

    /// <summary>Whether many stations may be behind this port; frames to unknown addresses go there too.</summary>
    public bool IsBridge { get; set; }

    /// <summary>Whether this is the server's own tap: it is never silent, and its own address is never another's.</summary>
    public bool IsUplink { get; init; }

    /// <summary>The authenticated user or certificate; null or empty for a stranger, who is nobody's equal. Ports of one identity may take each other's addresses.</summary>
    public string? Identity { get; init; }

    /// <summary>Whether the peer is a classic one, which answers no pings: its silence is judged by the clock alone.</summary>
    public bool IsClassic { get; init; }

    /// <summary>Whether port isolation does not keep others from this port, nor this port from others.</summary>
    public bool IsPromiscuous => IsBridge || IsUplink;

    /// <summary>What every frame from and to the port has to pass; null for nothing. Read without the lock.</summary>
    public PortGuard? Guard
    {
        get => _guard;
        set => _guard = value;
    }

    /// <summary>When any byte last came from the port, in milliseconds of the clock that the switch is told the time by. Joining counts.</summary>
    public long LastHeard
    {
        get => Volatile.Read(ref _lastHeard);
        set => Volatile.Write(ref _lastHeard, value);
    }

    /// <summary>What went through and what was dropped.</summary>
    public PortCounters Counters { get; } = new();

    // Guesses for the hot path: the entries that the last frame needed. Whoever uses one checks that it still fits.
    internal ForwardingEntry? LastSource { get; set; }

    internal ForwardingEntry? LastDestination { get; set; }

    // How many broadcasts and multicasts, and frames to unknown addresses, the port may send. Read without the lock.
    internal TokenBucket? Storms { get; set; }

    internal TokenBucket? Unknowns { get; set; }

    // From here on the switch's own notes, read and written under its lock only.
    internal PortStage Stage { get; set; }

    internal int FloodSlot { get; set; }

    // Zero where none was declared. Fixed while it is attached, but for the server's tap.
    internal MacAddress Declared { get; set; }

    // Zero where the switch's own limit holds: one, or what a bridge port may have.
    internal int MaxAddresses { get; set; }

    internal IReadOnlySet<MacAddress>? AllowedAddresses { get; set; }

    internal bool HoldsMany => IsBridge || MaxAddresses > 1;

    internal List<ForwardingEntry> Addresses { get; } = new(0);

    internal Dictionary<ForwardingEntry, AddressClaim>? Claims { get; set; }

    // When the port was last pinged because an address of it was contested.
    internal long? ProbedAt { get; set; }

    // How many frames of other ports came back since when: the loop guard's notes, under its lock.
    internal int Returns { get; set; }

    internal long ReturnsSince { get; set; } = long.MinValue / 2;
}

/// <summary>The life of a port: it is attached once.</summary>
internal enum PortStage : byte
{
    New,
    Attached,
    Removed,
}

/// <summary>An address and the port it is reached by: one row of the forwarding table. It stays the same object when the address moves.</summary>
internal sealed class ForwardingEntry(MacAddress address)
{
    private volatile SwitchPort? _port;
    private long _lastSeen;

    public MacAddress Address { get; } = address;

    /// <summary>The port that holds the address; null once the entry has left the table. Read without the lock.</summary>
    public SwitchPort? Port
    {
        get => _port;
        set => _port = value;
    }

    /// <summary>When a frame last came from the address. Read and written without the lock.</summary>
    public long LastSeen
    {
        get => Volatile.Read(ref _lastSeen);
        set => Volatile.Write(ref _lastSeen, value);
    }

    /// <summary>Whether the holder declared the address when it joined: such an entry does not age.</summary>
    public bool IsDeclared => _port is { } port && port.Declared == Address;

    // Where it stands in its port's list.
    internal int Slot { get; set; }

    // Who else wants it, the first comer first.
    internal List<AddressClaim>? Claims { get; set; }

    internal long? RoamToldAt { get; set; }

    // Null until it moves for the first time.
    internal MoveHistory? Moves { get; set; }

    // Once a millisecond at most, so that the line is not torn from those who forward to this address.
    public void Touch(long now)
    {
        if (LastSeen < now) LastSeen = now;
    }
}

/// <summary>A port's wish for an address that another holds.</summary>
internal sealed class AddressClaim(SwitchPort claimant, ForwardingEntry entry)
{
    public SwitchPort Claimant { get; } = claimant;

    public ForwardingEntry Entry { get; } = entry;

    /// <summary>When the claimant last sent a frame from the address, or declared it.</summary>
    public long LastSeen { get; set; }

    /// <summary>Whether the observer was told that it is refused.</summary>
    public bool IsTold { get; set; }

    /// <summary>Whether the claimant declared the address: such a claim lasts as long as the claimant.</summary>
    public bool IsDeclared => Claimant.Declared == Entry.Address;
}
