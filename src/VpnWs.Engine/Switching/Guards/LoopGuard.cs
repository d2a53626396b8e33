using System.Runtime.InteropServices;
using System.Security.Cryptography;
using VpnWs.Ethernet;

namespace VpnWs.Switching.Guards;

/// <summary>
/// Finds loops: a bridge port from which broadcasts and multicasts of other ports come back is one end of a second way between two parts of the LAN. The
/// switch remembers for a second what it flooded. Five that come back within a second are no coincidence.
/// </summary>
internal sealed class LoopGuard
{
    /// <summary>How many frames must come back.</summary>
    public const int Threshold = 5;

    /// <summary>Within which time, in milliseconds.</summary>
    public const long Period = 1000;

    /// <summary>How long the port is blocked, in milliseconds.</summary>
    public const long BlockTime = 60_000;

    private const int Slots = 512;
    private const int AddressesLength = 2 * MacAddress.Length;
    private const int BytesLookedAt = 112;

    private readonly Lock _gate = new();
    private readonly (ulong Print, SwitchPort? Port, long Time)[] _flooded = new (ulong, SwitchPort?, long)[Slots];

    // Whoever could foresee where a frame is remembered could push others out.
    private readonly ulong _secret = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))) | 1;

    /// <summary>Remembers a frame that is flooded, unless it is the copy of one.</summary>
    /// <param name="source">The port that it came from.</param>
    /// <param name="frame">The frame, or as much of it as is there.</param>
    /// <param name="vlan">What it belongs to.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    public void Remember(SwitchPort source, ReadOnlySpan<byte> frame, FrameVlan vlan, long now)
    {
        var print = PrintOf(frame, vlan);
        lock (_gate)
        {
            ref var slot = ref _flooded[print % Slots];
            if (slot.Print != print || now - slot.Time >= Period) slot = (print, source, now);
        }
    }

    /// <summary>Whether a frame of a bridge port shows, together with those before it, that there is a loop.</summary>
    /// <param name="source">The port that it came from.</param>
    /// <param name="frame">The frame, or as much of it as is there.</param>
    /// <param name="vlan">What it belongs to.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    /// <returns>The port to block, or null.</returns>
    public SwitchPort? Check(SwitchPort source, ReadOnlySpan<byte> frame, FrameVlan vlan, long now)
    {
        var print = PrintOf(frame, vlan);
        lock (_gate)
        {
            ref var slot = ref _flooded[print % Slots];
            if (slot.Print != print || slot.Port is not { } owner || owner == source || now - slot.Time >= Period) return null;

            // Never the server's own tap: the other end of the same loop serves as well.
            var culprit = source.IsUplink ? owner : source;
            if (!culprit.IsBridge || culprit.IsUplink) return null;
            if (now - culprit.ReturnsSince >= Period) (culprit.ReturnsSince, culprit.Returns) = (now, 0);
            if (++culprit.Returns < Threshold) return null;

            // What the other end still brings of this loop shall not have it blocked too.
            culprit.Returns = 0;
            Array.Clear(_flooded);
            return culprit;
        }
    }

    private ulong PrintOf(ReadOnlySpan<byte> frame, FrameVlan vlan)
    {
        // It may leave with a tag and come back without one, or the other way round.
        var addresses = frame[..AddressesLength];
        var rest = frame[Math.Min(frame.Length, AddressesLength + (vlan.IsTagged && vlan.Id != FrameVlan.Foreign ? EthernetFrame.VlanTagLength : 0))..];

        // A short frame may come back padded.
        rest = rest[..Math.Min(rest.Length, BytesLookedAt)].TrimEnd((byte)0);
        return Mix(Mix(Mix(_secret, addresses), rest), vlan.Id);
    }

    private ulong Mix(ulong print, ReadOnlySpan<byte> bytes)
    {
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(bytes)) print = Mix(print, word);
        foreach (var last in bytes[(bytes.Length & ~7)..]) print = Mix(print, last);
        return print;
    }

    private ulong Mix(ulong print, ulong word)
    {
        var high = Math.BigMul(print ^ word, _secret, out var low);
        return high ^ low;
    }
}
