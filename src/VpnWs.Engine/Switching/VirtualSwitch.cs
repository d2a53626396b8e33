using VpnWs.Ethernet;
using VpnWs.Switching.Guards;

namespace VpnWs.Switching;

/// <summary>
/// A learning Ethernet switch that decides where frames go and moves none itself. It knows no clock: the time is passed in, in milliseconds of
/// one monotonic clock. Every member may be called from any thread at any time. Only the two addresses of a frame are looked at, so VLAN-tagged
/// frames (IEEE 802.1Q) pass intact, and all VLANs share one forwarding table.
/// </summary>
internal sealed class VirtualSwitch
{
    private const long SweepInterval = 1000;

    private readonly Lock _gate = new();
    private readonly SwitchOptions _options;
    private readonly bool _isolate;
    private readonly Announcer _announcer;
    private readonly FloodLists _lists;
    private readonly ForwardingTable _table = new();
    private readonly AddressClaims _claims;
    private readonly PortRights _rights;
    private readonly LoopGuard _loops = new();
    private readonly CounterSnapshot _removed = new();
    private long? _sweptAt;

    /// <summary>Makes a switch without ports.</summary>
    public VirtualSwitch(SwitchOptions options, ISwitchObserver observer)
    {
        _options = options;
        _isolate = options.Isolate;
        _announcer = new Announcer(observer);
        _lists = new FloodLists(_gate);
        _claims = new AddressClaims(options, _table, _announcer);
        _rights = new PortRights(_lists, _claims, _announcer);
    }

    /// <summary>
    /// Attaches a port. A declared address lives as long as the port; where a live port holds it, that is a claim like one made by a frame, and
    /// the port works without the address meanwhile. An address that no station can have counts as undeclared.
    /// </summary>
    /// <exception cref="InvalidOperationException">The port is or was attached: a port joins once.</exception>
    public void Add(SwitchPort port, MacAddress? declared, long now)
    {
        lock (_gate)
        {
            if (port.Stage != PortStage.New) throw new InvalidOperationException($"Port {port.Id} was added before.");
            port.Stage = PortStage.Attached;
            if (port.LastHeard < now) port.LastHeard = now;
            _lists.Add(port);
            Declare(port, declared ?? MacAddress.Zero, now);
        }

        _announcer.Deliver();
    }

    /// <summary>Detaches a port with all its addresses and claims; whoever waited for one of its addresses gets it at once. A second call does nothing.</summary>
    public void Remove(SwitchPort port)
    {
        lock (_gate)
        {
            if (port.Stage != PortStage.Attached) return;
            port.Stage = PortStage.Removed;
            _lists.Remove(port);
            _claims.WithdrawAll(port);
            ReleaseAll(port);
            port.Counters.AddTo(_removed);
            port.LastSource = null;
            port.LastDestination = null;
        }

        _announcer.Deliver();
    }

    /// <summary>
    /// Changes the declared address of a port, as when the server's tap gets another MAC. The old one is given up. The server's tap takes the
    /// new one from whoever holds it; for another port it may become a claim, as in <see cref="Add"/>.
    /// </summary>
    public void ReplaceDeclared(SwitchPort port, MacAddress address, long now)
    {
        lock (_gate)
        {
            if (port.Stage != PortStage.Attached || port.Declared == ValidOrZero(address)) return;
            var old = port.Declared;
            port.Declared = MacAddress.Zero;
            if (!port.HoldsMany)
            {
                _claims.WithdrawAll(port);
                ReleaseAll(port);
            }
            else if (_table.Find(old) is { } entry)
            {
                if (entry.Port == port) _claims.Release(entry);
                else _claims.Withdraw(port, entry);
            }

            Declare(port, address, now);
        }

        _announcer.Deliver();
    }

    /// <summary>Lets time pass: ages addresses and settles claims. To be called every 250 to 1,000 ms.</summary>
    public void Tick(long now)
    {
        bool sweep;
        lock (_gate)
        {
            _claims.Review(now);
            _rights.Unblock(now);
            sweep = _sweptAt is not { } last || now - last >= SweepInterval;
            if (sweep) _sweptAt = now;
        }

        if (sweep) Sweep(now);
        _announcer.Deliver();
    }

    /// <summary>
    /// Decides where a frame goes, and learns where its source is. A dropped frame has been counted at the source; frames received and sent are
    /// for the caller to count. The usual case, two known addresses, takes no lock and allocates nothing.
    /// </summary>
    /// <param name="source">The port that the frame came from.</param>
    /// <param name="frame">The frame from its destination address on, or at least its first 14 bytes.</param>
    /// <param name="frameLength">The length of the whole frame in bytes.</param>
    /// <param name="now">The time in milliseconds.</param>
    /// <param name="segments">How many frames a super-frame stands for.</param>
    public ForwardingDecision Forward(SwitchPort source, ReadOnlySpan<byte> frame, int frameLength, long now, int segments = 1)
    {
        if (frameLength < EthernetFrame.HeaderLength || frame.Length < EthernetFrame.HeaderLength) return Drop(source, DropReason.Runt);
        var to = EthernetFrame.Destination(frame);
        var from = EthernetFrame.Source(frame);
        if (from.IsGroup || from.IsZero) return Drop(source, DropReason.InvalidSource);
        if (from == to) return Drop(source, DropReason.SourceEqualsDestination);
        if (to.IsZero) return Drop(source, DropReason.InvalidDestination);
        if (to.IsReserved && !_options.ForwardReserved) return Drop(source, DropReason.ReservedAddress);

        var vlan = default(FrameVlan);
        var guard = source.Guard;
        if (guard is not null)
        {
            if (!guard.TryAdmit(frame, frameLength, segments, now, out vlan, out var objection)) return ForwardingDecision.Unread;
            if (objection != DropReason.None) return Drop(source, objection);
        }

        // By the guard that let the frame in: the port may have got another one since.
        if (to.IsGroup) vlan = VlanOf(guard, vlan, frame);
        if (to.IsGroup && source.IsBridge && _loops.Check(source, frame, vlan, now) is { } culprit)
        {
            Block(culprit, now);
            if (culprit == source) return Drop(source, DropReason.LoopBlocked);
        }

        if (source.LastSource is { } own && own.Address == from && own.Port == source)
        {
            own.Touch(now);
        }
        else if (Admit(source, from, now) is var refusal and not DropReason.None)
        {
            return Drop(source, refusal);
        }

        if (to.IsGroup) return FloodGroup(source, frame, to, vlan, now, segments);
        var known = source.LastDestination;
        if (known is null || known.Address != to || known.Port is not { } port)
        {
            known = _table.Find(to);
            if (known?.Port is not { } found)
            {
                if (source.Unknowns is { } unknowns && !unknowns.TryTake(segments, now)) return Drop(source, DropReason.UnknownLimited);
                return FloodUnknown(source, VlanOf(guard, vlan, frame), DropReason.UnknownDestination);
            }

            source.LastDestination = known;
            port = found;
        }

        if (port == source) return Drop(source, DropReason.SamePort);
        if (_isolate && !source.IsPromiscuous && !port.IsPromiscuous) return Drop(source, DropReason.Isolated);
        var target = port.Guard;
        return guard is null && target is null ? ForwardingDecision.Unicast(port) : UnicastGuarded(source, guard, port, target, VlanOf(guard, vlan, frame), frameLength, now);
    }

    /// <summary>
    /// Changes what a port may do. It loses the addresses that it may not have any more; what it has of them above their number, it loses too. What it was
    /// blocked for stays.
    /// </summary>
    public void Configure(SwitchPort port, PortSettings settings, long now)
    {
        lock (_gate) _rights.Configure(port, settings, now);
        _announcer.Deliver();
    }

    /// <summary>The addresses that a port holds, in no order.</summary>
    public IReadOnlyList<MacAddress> AddressesOf(SwitchPort port)
    {
        lock (_gate) return port.Addresses.ConvertAll(static entry => entry.Address);
    }

    /// <summary>How many addresses a port may hold or contest at once.</summary>
    public int MostAddressesOf(SwitchPort port)
    {
        lock (_gate) return _claims.MostFor(port);
    }

    /// <summary>The address that a port is known by: the declared one if it has it, else the only or some learned one, else none.</summary>
    public MacAddress? PrimaryAddressOf(SwitchPort port)
    {
        lock (_gate)
        {
            if (_table.Find(port.Declared) is { } entry && entry.Port == port) return port.Declared;
            return port.Addresses is [var first, ..] ? first.Address : null;
        }
    }

    /// <summary>How many ports and addresses there are, and the sums of all counters since the switch was made; what is counted at a port after its removal is not in them.</summary>
    public SwitchTotals Totals()
    {
        lock (_gate)
        {
            var sums = _removed.Copy();
            foreach (var port in _lists.Ports) port.Counters.AddTo(sums);
            return new SwitchTotals(_lists.Ports.Count, _table.Count, sums);
        }
    }

    private static ForwardingDecision Drop(SwitchPort source, DropReason reason)
    {
        source.Counters.CountDrop(reason);
        return ForwardingDecision.Drop(reason);
    }

    private static FrameVlan VlanOf(PortGuard? guard, FrameVlan vlan, ReadOnlySpan<byte> frame) => guard is null ? FrameVlan.Of(frame) : vlan;

    private static ForwardingDecision UnicastGuarded(SwitchPort source, PortGuard? guard, SwitchPort port, PortGuard? target, FrameVlan vlan, int frameLength, long now)
    {
        if (Egress.Objection(guard, target, vlan, now) is var reason and not DropReason.None) return Drop(source, reason);
        return Egress.TryTake(target, frameLength, now)
            ? ForwardingDecision.Unicast(port, vlan, Egress.TaggingFor(target, vlan))
            : Drop(port, DropReason.BandwidthLimited);
    }

    private ForwardingDecision FloodGroup(SwitchPort source, ReadOnlySpan<byte> frame, MacAddress to, FrameVlan vlan, long now, int segments)
    {
        if (source.Storms is { } storms && !storms.TryTake(segments, now)) return Drop(source, DropReason.StormLimited);
        if (_lists.Bridges.Length > 0) _loops.Remember(source, frame, vlan, now);
        if (to.IsBroadcast)
        {
            if (!_options.Broadcast) return FloodUnknown(source, vlan, DropReason.BroadcastDisabled);
        }
        else if (!_options.Multicast)
        {
            return FloodUnknown(source, vlan, DropReason.MulticastDisabled);
        }

        return ForwardingDecision.Flood(_isolate && !source.IsPromiscuous ? _lists.Promiscuous : _lists.All, vlan);
    }

    private ForwardingDecision FloodUnknown(SwitchPort source, FrameVlan vlan, DropReason otherwise)
    {
        var bridges = _lists.Bridges;
        var others = bridges.Length > 1 || (bridges.Length == 1 && bridges[0] != source);
        return others ? ForwardingDecision.Flood(bridges, vlan) : Drop(source, otherwise);
    }

    // Whether a port may send from an address that was not its last one.
    private DropReason Admit(SwitchPort source, MacAddress from, long now)
    {
        if (_table.Find(from) is { } entry && entry.Port == source)
        {
            entry.Touch(now);
            source.LastSource = entry;
            return DropReason.None;
        }

        // A plain port that holds an address may have no other; a hostile one shall not even take the lock.
        if (!source.HoldsMany && source.LastSource is { } own && own.Port == source) return DropReason.SourceNotAllowed;

        DropReason reason;
        lock (_gate) reason = Learn(source, from, now);
        _announcer.Deliver();
        return reason;
    }

    private DropReason Learn(SwitchPort source, MacAddress from, long now)
    {
        // A port may be removed while its last frames are under way: it must not come back into the table by them.
        if (source.Stage != PortStage.Attached) return DropReason.PortClosed;
        var entry = _table.Find(from);
        if (entry?.Port == source) return DropReason.None;
        if (source.AllowedAddresses is { } allowed && !allowed.Contains(from)) return DropReason.SourceNotAllowed;
        if (!source.HoldsMany && (source.Addresses.Count > 0 || (!source.Declared.IsZero && source.Declared != from)))
        {
            return DropReason.SourceNotAllowed;
        }

        if (entry is not null) return _claims.Contest(source, entry, now);
        if (!_claims.HasRoom(source, from)) return DropReason.TableFull;
        AddNew(source, from, now);
        return DropReason.None;
    }

    private void Declare(SwitchPort port, MacAddress address, long now)
    {
        port.Declared = port.AllowedAddresses is { } allowed && !allowed.Contains(address) ? MacAddress.Zero : ValidOrZero(address);
        if (port.Declared.IsZero) return;
        if (_table.Find(address) is not { } entry) AddNew(port, address, now);
        else if (entry.Port != port) _claims.Contest(port, entry, now);
    }

    private static MacAddress ValidOrZero(MacAddress address) => address.IsGroup ? MacAddress.Zero : address;

    private void AddNew(SwitchPort port, MacAddress address, long now)
    {
        // What a plain port may have had in mind before, it has now decided otherwise.
        if (!port.HoldsMany) _claims.WithdrawAll(port);
        port.LastSource = _table.Add(address, port, now);
        _announcer.AddressLearned(port, address);
    }

    private void ReleaseAll(SwitchPort port)
    {
        while (port.Addresses is [.., var entry]) _claims.Release(entry);
    }

    private void Block(SwitchPort port, long now)
    {
        lock (_gate)
        {
            if (!_rights.TryBlock(port, now)) return;
        }

        _announcer.Deliver();
    }

    private void Sweep(long now)
    {
        if (_table.Aged(now, _options.AgeingMilliseconds) is not { } aged) return;
        lock (_gate)
        {
            foreach (var entry in aged)
            {
                if (ForwardingTable.HasAged(entry, now, _options.AgeingMilliseconds)) _claims.Expire(entry);
            }
        }
    }
}
