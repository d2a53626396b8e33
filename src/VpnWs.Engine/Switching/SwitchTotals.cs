namespace VpnWs.Switching;

/// <summary>The switch as a whole at one moment.</summary>
/// <param name="Ports">How many ports are attached.</param>
/// <param name="Addresses">How many addresses are in the forwarding table.</param>
/// <param name="Counters">The sums over all ports that are and all that ever were, so that they never go backwards.</param>
internal sealed record SwitchTotals(int Ports, int Addresses, CounterSnapshot Counters);
