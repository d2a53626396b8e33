using System.Runtime.CompilerServices;
using VpnWs.Ethernet;
using VpnWs.Switching;
using VpnWs.Taps;

namespace VpnWs.Transport;

/// <summary>Writes frames to a tap, in whatever form the tap takes them, and counts what came of each.</summary>
internal static class TapWriter
{
    [ThreadStatic]
    private static byte[]? s_scratch;

    /// <summary>Writes one frame; never waits.</summary>
    public static void Write(ITap tap, ref Frame frame, PortCounters counters)
    {
        if (tap.HasOffload)
        {
            var length = frame.Length;
            Count(counters, tap.Write(frame.ClearWithHeader()), length);
        }
        else if (frame.Offload.IsPlain)
        {
            var whole = frame.Clear();
            Count(counters, tap.Write(whole), whole.Length);
        }
        else
        {
            WriteFinished(tap, ref frame, counters);
        }
    }

    /// <summary>Cuts a super-frame, or finishes a checksum, for a tap that does neither.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void WriteFinished(ITap tap, ref Frame frame, PortCounters counters)
    {
        var scratch = s_scratch ??= new byte[EthernetFrame.MaxLength + (2 * EthernetFrame.VlanTagLength)];
        var plain = new PlainFrames(frame.Offload, frame.Clear());
        while (plain.Next(scratch, out var length)) Count(counters, tap.Write(scratch.AsSpan(0, length)), length);
    }

    private static void Count(PortCounters counters, TapStatus status, int length)
    {
        switch (status)
        {
            case TapStatus.Done:
                counters.CountSent(1, length);
                break;
            case TapStatus.WouldBlock:
                counters.CountDrop(DropReason.OutboxFull);
                break;
            case TapStatus.Refused:
                counters.CountDrop(DropReason.TapRefused);
                break;
            default:
                counters.CountDrop(DropReason.TapDown);
                break;
        }
    }
}
