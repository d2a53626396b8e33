namespace VpnWs.Switching;

/// <summary>
/// The attached ports, and the lists by which frames are flooded. A list is shared by all floods and never changed; when a port comes or goes
/// the lists that it belongs to are thrown away, and the next flood makes them anew, so that many joins in a row cost no more than one.
/// </summary>
internal sealed class FloodLists(Lock gate)
{
    private readonly List<SwitchPort> _ports = [];
    private SwitchPort[]? _all;
    private SwitchPort[]? _promiscuous;
    private SwitchPort[]? _bridges;

    /// <summary>The attached ports in no order; only under the lock.</summary>
    public List<SwitchPort> Ports => _ports;

    /// <summary>Every port.</summary>
    public SwitchPort[] All => Volatile.Read(ref _all) ?? Make(ref _all, static _ => true);

    /// <summary>The ports that isolation does not apply to.</summary>
    public SwitchPort[] Promiscuous => Volatile.Read(ref _promiscuous) ?? Make(ref _promiscuous, static port => port.IsPromiscuous);

    /// <summary>The ports that frames to unknown addresses go to.</summary>
    public SwitchPort[] Bridges => Volatile.Read(ref _bridges) ?? Make(ref _bridges, static port => port.IsBridge);

    /// <summary>Attaches a port; only under the lock.</summary>
    public void Add(SwitchPort port)
    {
        port.FloodSlot = _ports.Count;
        _ports.Add(port);
        Discard(port);
    }

    /// <summary>Detaches a port; only under the lock.</summary>
    public void Remove(SwitchPort port)
    {
        var last = _ports[^1];
        _ports[port.FloodSlot] = last;
        last.FloodSlot = port.FloodSlot;
        _ports.RemoveAt(_ports.Count - 1);
        Discard(port);
    }

    /// <summary>Makes a port a bridge port, or no longer one; only under the lock.</summary>
    public void SetBridge(SwitchPort port, bool isBridge)
    {
        port.IsBridge = true;
        Discard(port);
        port.IsBridge = isBridge;
    }

    private void Discard(SwitchPort port)
    {
        Volatile.Write(ref _all, null);
        if (port.IsPromiscuous) Volatile.Write(ref _promiscuous, null);
        if (port.IsBridge) Volatile.Write(ref _bridges, null);
    }

    private SwitchPort[] Make(ref SwitchPort[]? list, Predicate<SwitchPort> belongs)
    {
        lock (gate)
        {
            var made = list ?? [.. _ports.FindAll(belongs)];
            Volatile.Write(ref list, made);
            return made;
        }
    }
}
