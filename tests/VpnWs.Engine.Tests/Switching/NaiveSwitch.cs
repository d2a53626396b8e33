using VpnWs.Ethernet;
using VpnWs.Switching;

namespace VpnWs.Tests.Switching;

/// <summary>
/// The rules of the switch written down once more in the plainest way there is: lists, linear search, one thread, no cleverness. It speaks the
/// language of <see cref="Lan"/>: outcomes and news as text.
/// </summary>
internal sealed class NaiveSwitch(SwitchOptions options)
{
    private readonly List<Member> _members = [];
    private readonly List<Row> _rows = [];
    private readonly List<Wish> _wishes = [];
    private long? _sweptAt;

    public List<string> News { get; } = [];

    public Dictionary<(long Port, DropReason Reason), int> Drops { get; } = [];

    public int Addresses => _rows.Count;

    public Member Join(long id, MacAddress? declared, bool bridge, bool uplink, string? identity, bool classic, long now)
    {
        var member = new Member(id, bridge, uplink, identity, classic) { LastHeard = now };
        _members.Add(member);
        Declare(member, declared, now);
        return member;
    }

    public void Leave(Member member)
    {
        if (!_members.Remove(member)) return;
        _wishes.RemoveAll(wish => wish.Member == member);
        foreach (var row in _rows.Where(row => row.Holder == member).ToList()) GiveUp(row);
    }

    public void Replace(Member member, MacAddress newAddress, long now)
    {
        MacAddress? address = newAddress.IsGroup || newAddress.IsZero ? null : newAddress;
        if (!_members.Contains(member) || member.Declared == address) return;
        var old = member.Declared;
        member.Declared = null;
        foreach (var row in _rows.Where(row => row.Holder == member && (!member.Bridge || row.Address == old)).ToList()) GiveUp(row);
        _wishes.RemoveAll(wish => wish.Member == member && (!member.Bridge || wish.Address == old));
        Declare(member, address, now);
    }

    public string Send(Member source, MacAddress from, MacAddress to, int length, long now)
    {
        var outcome = Decide(source, from, to, length, now);
        if (outcome.StartsWith("drop ", StringComparison.Ordinal))
        {
            var key = (source.Id, Enum.Parse<DropReason>(outcome[5..]));
            Drops[key] = Drops.GetValueOrDefault(key) + 1;
        }

        return outcome;
    }

    public void Tick(long now)
    {
        foreach (var wish in _wishes.ToList())
        {
            if (wish.Member.Declared != wish.Address && now - wish.LastSeen >= options.AgeingMilliseconds) _wishes.Remove(wish);
            else Judge(wish.Member, RowOf(wish.Address)!, wish, now, mayAsk: false);
        }

        if (now - _sweptAt < 1000) return;
        _sweptAt = now;
        foreach (var row in _rows.Where(row => !row.Declared && now - row.LastSeen >= options.AgeingMilliseconds).ToList())
        {
            if (_wishes.Find(wish => wish.Address == row.Address) is { } wish)
            {
                _wishes.Remove(wish);
                (row.Holder, row.LastSeen) = (wish.Member, wish.LastSeen);
                News.Add($"{wish.Member.Id} learned {Lan.Short(row.Address)}");
            }
            else
            {
                _rows.Remove(row);
            }
        }
    }

    public string AddressesOf(Member member) =>
        string.Join(' ', _rows.Where(row => row.Holder == member).Select(row => row.Address).Order().Select(Lan.Short));

    private string Decide(Member source, MacAddress from, MacAddress to, int length, long now)
    {
        if (length < 14) return "drop Runt";
        if (from.IsGroup || from.IsZero) return "drop InvalidSource";
        if (from == to) return "drop SourceEqualsDestination";
        if (to.IsZero) return "drop InvalidDestination";
        if (to.IsReserved && !options.ForwardReserved) return "drop ReservedAddress";
        if (!_members.Contains(source)) return "drop PortClosed";
        if (Refusal(source, from, now) is { } refusal) return $"drop {refusal}";

        if (to.IsBroadcast && !options.Broadcast) return ToBridges(source, "BroadcastDisabled");
        if (to.IsGroup && !to.IsBroadcast && !options.Multicast) return ToBridges(source, "MulticastDisabled");
        if (to.IsGroup) return Flood(_members.Where(member => member != source && MayTalk(source, member)));
        if (RowOf(to) is not { } row) return ToBridges(source, "UnknownDestination");
        if (row.Holder == source) return "drop SamePort";
        return MayTalk(source, row.Holder) ? $"to {row.Holder.Id}" : "drop Isolated";
    }

    private DropReason? Refusal(Member source, MacAddress from, long now)
    {
        var row = RowOf(from);
        if (row?.Holder == source)
        {
            row.LastSeen = now;
            return null;
        }

        if (!source.Bridge && (_rows.Exists(other => other.Holder == source) || (source.Declared is { } own && own != from)))
        {
            return DropReason.SourceNotAllowed;
        }

        if (row is not null) return Contest(source, row, now);
        if (IsFull(source, from)) return DropReason.TableFull;
        Learn(source, from, now);
        return null;
    }

    private DropReason? Contest(Member claimant, Row row, long now)
    {
        var wish = _wishes.Find(wish => wish.Member == claimant && wish.Address == row.Address);
        if (wish is null && IsFull(claimant, row.Address)) return DropReason.TableFull;
        if (!(row.Holder.Uplink && row.Declared))
        {
            MoveReason? right = claimant.Uplink && claimant.Declared == row.Address ? MoveReason.Uplink
                : claimant.Bridge && row.Holder.Bridge && !row.Declared ? MoveReason.Roamed
                : claimant.Identity is not null && claimant.Identity == row.Holder.Identity ? MoveReason.SameIdentity
                : null;
            if (right != MoveReason.Uplink && now < row.FrozenUntil) return DropReason.AddressFrozen;
            if (right is MoveReason.Roamed or MoveReason.SameIdentity)
            {
                if (row.MovedAt is not { } last || now - last >= 60_000) row.Home = row.Holder;
                row.MovedAt = now;
                if (row.Moves.Count(time => now - time < 10_000) >= 5)
                {
                    row.FrozenUntil = now + 60_000;
                    if (right == MoveReason.Roamed && row.Home is { } home && home != row.Holder && _members.Contains(home) && home.Bridge && !IsFull(home, row.Address))
                    {
                        var other = home == claimant ? row.Holder : claimant;
                        Pass(row, home, now, MoveReason.Roamed);
                        News.Add($"{Lan.Short(row.Address)} frozen at {home.Id}, not {other.Id}");
                        return home == claimant ? null : DropReason.AddressFrozen;
                    }

                    News.Add($"{Lan.Short(row.Address)} frozen at {row.Holder.Id}, not {claimant.Id}");
                    return DropReason.AddressFrozen;
                }

                row.Moves.Add(now);
            }

            if (right is { } reason)
            {
                Pass(row, claimant, now, reason);
                return null;
            }
        }
        else if (now < row.FrozenUntil)
        {
            return DropReason.AddressFrozen;
        }

        if (wish is null && (claimant.Bridge || !_wishes.Exists(other => other.Member == claimant)))
        {
            wish = new Wish(claimant, row.Address);
            _wishes.Add(wish);
        }

        if (wish is not null) wish.LastSeen = now;
        Judge(claimant, row, wish, now, mayAsk: wish is not null);
        return row.Holder == claimant ? null : DropReason.AddressConflict;
    }

    private void Judge(Member claimant, Row row, Wish? wish, long now, bool mayAsk)
    {
        var holder = row.Holder;
        var silent = false;
        if (holder.Classic && !holder.Uplink)
        {
            silent = now - holder.LastHeard > options.ClassicSilenceMilliseconds;
        }
        else if (!holder.Uplink)
        {
            var answered = holder.AskedAt is null || holder.LastHeard >= holder.AskedAt;
            var lately = now - holder.AskedAt < options.ProbeTimeoutMilliseconds;
            if (!answered && lately) return;
            silent = !answered;
            if (answered && !lately && (mayAsk || holder.LastHeard == holder.AskedAt))
            {
                holder.AskedAt = now;
                News.Add($"probe {holder.Id}");
                return;
            }
        }

        if (silent)
        {
            Pass(row, claimant, wish?.LastSeen ?? now, MoveReason.HolderSilent);
        }
        else if (wish is { Told: false })
        {
            wish.Told = true;
            News.Add($"{claimant.Id} refused {Lan.Short(row.Address)} of {holder.Id}");
        }
    }

    private void Pass(Row row, Member to, long seen, MoveReason reason)
    {
        var from = row.Holder;
        _wishes.RemoveAll(wish => wish.Member == to && (!to.Bridge || wish.Address == row.Address));
        (row.Holder, row.LastSeen) = (to, seen);
        if (reason == MoveReason.Roamed && seen - row.RoamToldAt < 1000) return;
        if (reason == MoveReason.Roamed) row.RoamToldAt = seen;
        News.Add($"{Lan.Short(row.Address)} moved {from.Id} to {to.Id} {reason}");
    }

    private void GiveUp(Row row)
    {
        if (_wishes.Find(wish => wish.Address == row.Address) is { } first) Pass(row, first.Member, first.LastSeen, MoveReason.HolderLeft);
        else _rows.Remove(row);
    }

    private void Declare(Member member, MacAddress? address, long now)
    {
        if (address is not { IsGroup: false, IsZero: false } valid) return;
        member.Declared = valid;
        var row = RowOf(valid);
        if (row is null) Learn(member, valid, now);
        else if (row.Holder != member) Contest(member, row, now);
    }

    private void Learn(Member member, MacAddress address, long now)
    {
        if (!member.Bridge) _wishes.RemoveAll(wish => wish.Member == member);
        _rows.Add(new Row(address, member) { LastSeen = now });
        News.Add($"{member.Id} learned {Lan.Short(address)}");
    }

    private bool IsFull(Member member, MacAddress address) =>
        member.Bridge && member.Declared != address
        && _rows.Count(row => row.Holder == member) + _wishes.Count(wish => wish.Member == member) >= options.MaxAddressesPerBridge;

    private Row? RowOf(MacAddress address) => _rows.Find(row => row.Address == address);

    private bool MayTalk(Member one, Member other) => !options.Isolate || one.Bridge || one.Uplink || other.Bridge || other.Uplink;

    private string ToBridges(Member source, string otherwise)
    {
        var bridges = _members.Where(member => member.Bridge && member != source).ToList();
        return bridges.Count == 0 ? $"drop {otherwise}" : Flood(bridges);
    }

    private static string Flood(IEnumerable<Member> members) =>
        ("flood " + string.Join(' ', members.Select(member => member.Id).Order())).TrimEnd();

    public sealed record Member(long Id, bool Bridge, bool Uplink, string? Identity, bool Classic)
    {
        public MacAddress? Declared { get; set; }

        public long LastHeard { get; set; }

        public long? AskedAt { get; set; }

        public bool Equals(Member? other) => ReferenceEquals(this, other);

        public override int GetHashCode() => Id.GetHashCode();
    }

    private sealed class Row(MacAddress address, Member holder)
    {
        public MacAddress Address => address;

        public Member Holder { get; set; } = holder;

        public long LastSeen { get; set; }

        public long? RoamToldAt { get; set; }

        public List<long> Moves { get; } = [];

        public long? MovedAt { get; set; }

        public Member? Home { get; set; }

        public long FrozenUntil { get; set; } = long.MinValue;

        public bool Declared => Holder.Declared == address;
    }

    private sealed class Wish(Member member, MacAddress address)
    {
        public Member Member => member;

        public MacAddress Address => address;

        public long LastSeen { get; set; }

        public bool Told { get; set; }
    }
}
