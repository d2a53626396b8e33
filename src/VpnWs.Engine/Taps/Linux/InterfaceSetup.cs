using System.Globalization;
using System.Net.Sockets;
using VpnWs.Ethernet;

namespace VpnWs.Taps;

/// <summary>
/// The steps that set up one tap. A step that finds its work done already does nothing, so that a user without rights can
/// attach to a tap that was made for them; otherwise it returns what undoes it.
/// </summary>
internal sealed class InterfaceSetup(string name, int index, TunDevice device, InterfaceControl control)
{
    /// <summary>Takes every step that the options ask for; when one fails those before it are undone.</summary>
    /// <param name="options">What is asked for.</param>
    /// <param name="bridge">The index of <see cref="TapOptions.Bridge"/>.</param>
    /// <param name="owner">The number of <see cref="TapOptions.Owner"/>.</param>
    internal void Apply(TapOptions options, int? bridge, uint? owner)
    {
        Stack<Action?> undo = new();
        try
        {
            if (options.Address is { } address) undo.Push(SetAddress(address));
            if (options.Mtu is { } mtu) undo.Push(SetMtu(mtu));
            foreach (var one in options.IPAddresses) undo.Push(AddIPAddress(one));
            if (bridge is { } master) undo.Push(JoinBridge(master, options.Bridge!));
            if ((options.Up ?? (bridge is not null || options.IPAddresses.Count > 0 ? true : null)) is { } up) undo.Push(SetUp(up));
            // Last, for they cannot fail once attached, and an interface made here must not outlive a failure.
            Keep(options.Persistent, owner);
        }
        catch
        {
            foreach (var step in undo) step?.Invoke();
            throw;
        }
    }

    /// <summary>Sets the interface's own address.</summary>
    internal Action? SetAddress(MacAddress address)
    {
        if (address.IsGroup || address.IsZero)
            throw new TapException($"The address {address} cannot be given to the tap '{name}': it is a group's or no address at all.");
        var old = device.GetAddress() ?? throw LinuxErrors.Gone(name);
        if (old == address) return null;
        if (device.SetAddress(address) is not 0 and var error) throw LinuxErrors.Failed($"The address {address} cannot be given to the tap '{name}'", error);
        return () => device.SetAddress(old);
    }

    /// <summary>Sets the MTU.</summary>
    internal Action? SetMtu(int mtu)
    {
        var old = Look().Mtu;
        if (old == mtu) return null;
        Expect(
            control.SetMtu(index, mtu),
            string.Create(CultureInfo.InvariantCulture, $"The MTU of the tap '{name}' cannot be {mtu}"),
            string.Create(CultureInfo.InvariantCulture, $"ip link set dev {name} mtu {mtu}"));
        return () => control.SetMtu(index, old);
    }

    /// <summary>Gives an IPv4 or IPv6 address to the interface.</summary>
    internal Action? AddIPAddress(InterfaceAddress address)
    {
        var what = $"The address {address} cannot be given to the tap '{name}'";
        var bits = address.Address?.AddressFamily switch { AddressFamily.InterNetwork => 32, AddressFamily.InterNetworkV6 => 128, _ => -1 };
        if (address.PrefixLength < 0 || address.PrefixLength > bits) throw new TapException($"{what}: it is not an IP address with a prefix length.");
        _ = Look();
        if (InterfaceAddresses.Has(control, index, address)) return null;
        Expect(InterfaceAddresses.Add(control, index, address), what, $"ip address add {address} dev {name}");
        return () => InterfaceAddresses.Remove(control, index, address);
    }

    /// <summary>Makes the interface a port of the bridge.</summary>
    internal Action? JoinBridge(int bridge, string bridgeName)
    {
        var old = Look().Master;
        if (old == bridge) return null;
        Expect(control.SetMaster(index, bridge), $"The tap '{name}' cannot join the bridge '{bridgeName}'", $"ip link set dev {name} master {bridgeName}");
        return () => control.SetMaster(index, old);
    }

    /// <summary>Sets the interface up or down.</summary>
    internal Action? SetUp(bool up)
    {
        if (Look().IsUp == up) return null;
        var word = up ? "up" : "down";
        Expect(control.SetUp(index, up), $"The tap '{name}' cannot be set {word}", $"ip link set dev {name} {word}");
        return () => control.SetUp(index, !up);
    }

    /// <summary>What the kernel tells of the interface now.</summary>
    /// <exception cref="TapException">It has gone, or moved into another network namespace.</exception>
    internal LinkState Look() => TryLook() ?? throw LinuxErrors.Moved(name);

    /// <summary>What the kernel tells of the interface now; null when it is in another network namespace.</summary>
    /// <exception cref="TapException">It has gone.</exception>
    internal LinkState? TryLook()
    {
        var present = device.Query() ?? throw LinuxErrors.Gone(name);
        // Another interface may have the index after a move between namespaces, but hardly the name as well.
        return control.Find(index) is { } link && link.Name == present.Name ? link : null;
    }

    private static void Expect(NetlinkResult result, string what, string command)
    {
        if (result.Error != 0) throw LinuxErrors.Step(what, result, command);
    }

    private void Keep(bool? persistent, uint? owner)
    {
        var error = owner is { } user ? device.SetOwner(user) : 0;
        if (error != 0) throw LinuxErrors.Failed($"The owner of the tap '{name}' cannot be set", error);
        if (persistent is not { } keep || device.Query()?.Persistent == keep) return;
        error = device.SetPersistent(keep);
        if (error != 0) throw LinuxErrors.Failed($"The tap '{name}' cannot be made {(keep ? "persistent" : "temporary")}", error);
    }
}
