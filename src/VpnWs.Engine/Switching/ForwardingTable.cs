using System.Collections.Concurrent;
using VpnWs.Ethernet;

namespace VpnWs.Switching;

/// <summary>
/// Which port an address is reached by. <see cref="Find"/> and <see cref="Aged"/> take no lock; everything else is done under the switch's.
/// An address is looked up by itself alone, whatever VLAN the frame is tagged with (shared VLAN learning, IEEE 802.1Q annex F).
/// </summary>
internal sealed class ForwardingTable
{
    private readonly ConcurrentDictionary<ulong, ForwardingEntry> _entries = new(concurrencyLevel: 1, capacity: 64);

    // Peers choose their addresses: without a secret in the hash they could choose them so that all fall together.
    // As unguessable as from RandomNumberGenerator, which would load OpenSSL before the first peer comes.
    private readonly ulong _secret = BitConverter.ToUInt64(Guid.NewGuid().ToByteArray()) | 1;

    /// <summary>How many addresses there are.</summary>
    public int Count => _entries.Count;

    /// <summary>The row of an address, or null.</summary>
    public ForwardingEntry? Find(MacAddress address) => _entries.TryGetValue(KeyOf(address), out var entry) ? entry : null;

    /// <summary>Adds an address that is not there.</summary>
    public ForwardingEntry Add(MacAddress address, SwitchPort port, long seen)
    {
        var entry = new ForwardingEntry(address);
        Attach(entry, port, seen);
        _entries[KeyOf(address)] = entry;
        return entry;
    }

    /// <summary>Gives an address to another port.</summary>
    public static void Move(ForwardingEntry entry, SwitchPort port, long seen)
    {
        Detach(entry);
        Attach(entry, port, seen);
    }

    /// <summary>Takes an address out of the table.</summary>
    public void Forget(ForwardingEntry entry)
    {
        _entries.TryRemove(KeyOf(entry.Address), out _);
        Detach(entry);
        entry.Port = null;
    }

    /// <summary>The learned addresses that have been silent for so long, as it seems without the lock; null where there are none.</summary>
    public List<ForwardingEntry>? Aged(long now, long ageing)
    {
        List<ForwardingEntry>? aged = null;
        foreach (var (_, entry) in _entries)
        {
            if (HasAged(entry, now, ageing)) (aged ??= []).Add(entry);
        }

        return aged;
    }

    /// <summary>Whether a row is in the table, learned and silent for so long.</summary>
    public static bool HasAged(ForwardingEntry entry, long now, long ageing) =>
        entry.Port is not null && !entry.IsDeclared && now - entry.LastSeen >= ageing;

    private ulong KeyOf(MacAddress address) => address.Value * _secret;

    private static void Attach(ForwardingEntry entry, SwitchPort port, long seen)
    {
        entry.Slot = port.Addresses.Count;
        port.Addresses.Add(entry);
        entry.LastSeen = seen;
        entry.Port = port;
    }

    private static void Detach(ForwardingEntry entry)
    {
        var addresses = entry.Port!.Addresses;
        var last = addresses[^1];
        addresses[entry.Slot] = last;
        last.Slot = entry.Slot;
        addresses.RemoveAt(addresses.Count - 1);
    }
}
