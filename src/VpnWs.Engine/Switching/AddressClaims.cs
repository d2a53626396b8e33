using VpnWs.Ethernet;
using VpnWs.Switching.Guards;

namespace VpnWs.Switching;

/// <summary>
/// Who gets an address that more than one port wants. The first live holder keeps it; others wait in line, and the address passes on when the
/// holder leaves or is found to be dead. All of it happens under the switch's lock and off the hot path.
/// </summary>
internal sealed class AddressClaims(SwitchOptions options, ForwardingTable table, ISwitchObserver announcer)
{
    private const long RoamNewsInterval = 1000;

    private readonly LinkedList<AddressClaim> _claims = new();

    private enum Health
    {
        Alive,
        Asked,
        Silent,
    }

    /// <summary>A port sends from, or declares, an address that another port holds: either it gets it now, or the reason why not.</summary>
    public DropReason Contest(SwitchPort claimant, ForwardingEntry entry, long now)
    {
        var claim = ClaimOf(claimant, entry);
        if (claim is null && !HasRoom(claimant, entry.Address)) return DropReason.TableFull;
        var right = RightTo(claimant, entry);

        // From a port that is blocked it goes in any case: nobody would reach it there.
        var isBlocked = entry.Port!.Guard is { } guard && now < guard.BlockedUntil;
        if (right != MoveReason.Uplink && !isBlocked)
        {
            if (entry.Moves is { } moves && moves.IsFrozen(now)) return DropReason.AddressFrozen;
            if (right is MoveReason.Roamed or MoveReason.SameIdentity && !(entry.Moves ??= new MoveHistory()).TryMove(entry.Port!, now))
                return Freeze(claimant, entry, right == MoveReason.Roamed ? entry.Moves.Home : null, now);
        }

        if (right is { } reason)
        {
            Pass(entry, claimant, now, reason);
            return DropReason.None;
        }

        claim ??= Lodge(claimant, entry);
        if (claim is not null) claim.LastSeen = now;
        return Settle(claimant, entry, claim, now, mayAsk: claim is not null) ? DropReason.None : DropReason.AddressConflict;
    }

    /// <summary>Whether a port for many addresses may hold or contest one more; its declared one always has its place.</summary>
    public bool HasRoom(SwitchPort port, MacAddress address) =>
        !port.HoldsMany || port.Declared == address
        || (port.Addresses.Count + (port.Claims?.Count ?? 0) < MostFor(port) && table.Count < options.MaxAddresses);

    /// <summary>How many addresses a port may hold or contest at once.</summary>
    public int MostFor(SwitchPort port) => port.MaxAddresses > 0 ? port.MaxAddresses : port.IsBridge ? options.MaxAddressesPerBridge : 1;

    /// <summary>Looks at all claims again, and forgets those whose claimant has been silent for as long as a learned address may be.</summary>
    public void Review(long now)
    {
        LinkedListNode<AddressClaim>? next;
        for (var node = _claims.First; node is not null; node = next)
        {
            // Settling a claim removes no other: a plain claimant never has a second one.
            next = node.Next;
            var claim = node.Value;
            if (!claim.IsDeclared && now - claim.LastSeen >= options.AgeingMilliseconds) Withdraw(claim);
            else Settle(claim.Claimant, claim.Entry, claim, now, mayAsk: false);
        }
    }

    /// <summary>A port gives an address up: the first who waits for it gets it, or it is forgotten.</summary>
    public void Release(ForwardingEntry entry)
    {
        if (entry.Claims is [var first, ..]) Pass(entry, first.Claimant, first.LastSeen, MoveReason.HolderLeft);
        else table.Forget(entry);
    }

    /// <summary>A learned address has aged: its port is still there but has lost it, which is no reason to close it.</summary>
    public void Expire(ForwardingEntry entry)
    {
        if (entry.Claims is not [var first, ..])
        {
            table.Forget(entry);
            return;
        }

        Withdraw(first);
        ForwardingTable.Move(entry, first.Claimant, first.LastSeen);
        announcer.AddressLearned(first.Claimant, entry.Address);
    }

    /// <summary>A port wants nothing any more that it does not have.</summary>
    public void WithdrawAll(SwitchPort claimant)
    {
        if (claimant.Claims is not { Count: > 0 } claims) return;
        foreach (var claim in claims.Values.ToArray()) Withdraw(claim);
    }

    /// <summary>A port does not want this address any more.</summary>
    public void Withdraw(SwitchPort claimant, ForwardingEntry entry)
    {
        if (ClaimOf(claimant, entry) is { } claim) Withdraw(claim);
    }

    private static AddressClaim? ClaimOf(SwitchPort claimant, ForwardingEntry entry) =>
        claimant.Claims is { } claims && claims.TryGetValue(entry, out var claim) ? claim : null;

    // Who need not wait for the holder to die.
    private static MoveReason? RightTo(SwitchPort claimant, ForwardingEntry entry)
    {
        var holder = entry.Port!;
        if (holder.IsUplink && entry.IsDeclared) return null;
        if (claimant.IsUplink && claimant.Declared == entry.Address) return MoveReason.Uplink;
        if (claimant.IsBridge && holder.IsBridge && !entry.IsDeclared) return MoveReason.Roamed;
        return claimant.Identity is { Length: > 0 } identity && identity == holder.Identity ? MoveReason.SameIdentity : null;
    }

    private DropReason Freeze(SwitchPort claimant, ForwardingEntry entry, SwitchPort? home, long now)
    {
        var holder = entry.Port!;
        if (home is null || home == holder || !MayHold(home, entry.Address, now))
        {
            announcer.AddressFrozen(holder, claimant, entry.Address);
            return DropReason.AddressFrozen;
        }

        Pass(entry, home, now, MoveReason.Roamed);
        announcer.AddressFrozen(home, home == claimant ? holder : claimant, entry.Address);
        return home == claimant ? DropReason.None : DropReason.AddressFrozen;
    }

    private bool MayHold(SwitchPort port, MacAddress address, long now) =>
        port.Stage == PortStage.Attached && port.IsBridge && (port.AllowedAddresses is not { } allowed || allowed.Contains(address))
        && (port.Guard is not { } guard || now >= guard.BlockedUntil) && HasRoom(port, address);

    // True where the claimant has the address now.
    private bool Settle(SwitchPort claimant, ForwardingEntry entry, AddressClaim? claim, long now, bool mayAsk)
    {
        var holder = entry.Port!;
        switch (HealthOf(holder, entry, now, mayAsk))
        {
            case Health.Silent:
                Pass(entry, claimant, claim?.LastSeen ?? now, MoveReason.HolderSilent);
                return true;
            case Health.Alive when claim is { IsTold: false }:
                claim.IsTold = true;
                announcer.AddressRefused(claimant, holder, entry.Address);
                return false;
            default:
                return false;
        }
    }

    // One question serves all claims on a holder: whether it lives does not depend on the address.
    private Health HealthOf(SwitchPort holder, ForwardingEntry entry, long now, bool mayAsk)
    {
        if (holder.IsUplink) return Health.Alive;
        if (holder.IsClassic) return now - holder.LastHeard > options.ClassicSilenceMilliseconds ? Health.Silent : Health.Alive;
        if (holder.ProbedAt is { } asked)
        {
            var over = now - asked >= options.ProbeTimeoutMilliseconds;

            // The clock may stand still between question and answer, so an equal time is an answer; but what was heard may have been
            // just before the question, so that is asked once more.
            var heard = holder.LastHeard;
            if (heard < asked) return over ? Health.Silent : Health.Asked;
            if (!over) return Health.Alive;
            mayAsk |= heard == asked;
        }

        if (!mayAsk) return Health.Alive;
        holder.ProbedAt = now;
        announcer.ProbeRequested(holder, entry.Address);
        return Health.Asked;
    }

    // A plain port contests one address at a time, so that a flood of claims costs nothing.
    private AddressClaim? Lodge(SwitchPort claimant, ForwardingEntry entry)
    {
        var claims = claimant.Claims ??= [];
        if (!claimant.HoldsMany && claims.Count > 0) return null;
        var claim = new AddressClaim(claimant, entry);
        claims.Add(entry, claim);
        (entry.Claims ??= []).Add(claim);
        _claims.AddLast(claim);
        return claim;
    }

    private void Withdraw(AddressClaim claim)
    {
        claim.Claimant.Claims!.Remove(claim.Entry);
        claim.Entry.Claims!.Remove(claim);
        _claims.Remove(claim);
    }

    private void Pass(ForwardingEntry entry, SwitchPort to, long seen, MoveReason reason)
    {
        var from = entry.Port!;
        if (!to.HoldsMany) WithdrawAll(to);
        else Withdraw(to, entry);
        ForwardingTable.Move(entry, to, seen);
        if (reason == MoveReason.Roamed)
        {
            if (seen - entry.RoamToldAt < RoamNewsInterval) return;
            entry.RoamToldAt = seen;
        }

        announcer.AddressMoved(from, to, entry.Address, reason);
    }
}
