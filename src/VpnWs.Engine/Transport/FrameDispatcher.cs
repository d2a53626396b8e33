using VpnWs.Ethernet;
using VpnWs.Switching;
using VpnWs.Switching.Guards;

namespace VpnWs.Transport;

/// <summary>Carries out what the switch decides: one frame from one port into the outboxes of others.</summary>
internal sealed class FrameDispatcher(VirtualSwitch fabric)
{
    [ThreadStatic]
    private static byte[]? s_scratch;

    /// <summary>Switches one frame; the touched ports are noted in <paramref name="touched"/> and not yet flushed.</summary>
    /// <param name="source">The port that the frame came from.</param>
    /// <param name="frame">The frame, its headers clear.</param>
    /// <param name="touched">The batch's set of ports.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    public void Dispatch(EnginePort source, ref Frame frame, FlushSet touched, long now)
    {
        source.Counters.CountReceived(frame.Length);
        if (frame.Offload.IsSuperFrame) source.Counters.CountSuperFrameReceived();
        var decision = fabric.Forward(source, frame.Head, frame.Length, now, frame.Segments);
        if (decision.Kind == ForwardingKind.Unread) decision = fabric.Forward(source, frame.Clear(), frame.Length, now, frame.Segments);
        switch (decision.Kind)
        {
            case ForwardingKind.Unicast:
                var only = (EnginePort)decision.Port;
                if (decision.Tagging == Tagging.Keep) only.Enqueue(ref frame);
                else EnqueueTagged(source, only, ref frame, decision);
                touched.Add(only, isUnicast: true);
                break;
            case ForwardingKind.Flood:
                frame.Clear();
                if (!Flood(source, ref frame, decision, Tagging.Keep, touched, now)) FloodTagged(source, ref frame, decision, touched, now);
                break;
        }
    }

    /// <summary>Gives a frame to those targets for which its tag has to be treated so.</summary>
    /// <returns>False where there are others.</returns>
    private static bool Flood(EnginePort source, ref Frame frame, in ForwardingDecision decision, Tagging tagging, FlushSet touched, long now)
    {
        var all = true;
        var guard = source.Guard;
        var encoder = FloodEncoder.Begin();
        foreach (EnginePort port in decision.Targets)
        {
            if (ReferenceEquals(port, source)) continue;
            var target = port.Guard;
            if (guard is not null || target is not null)
            {
                // Not a drop: the frame is not meant for that port.
                if (Egress.Objection(guard, target, decision.Vlan, now) != DropReason.None) continue;
                if (Egress.TaggingFor(target, decision.Vlan) != tagging)
                {
                    all = false;
                    continue;
                }

                if (!Egress.TryTake(target, frame.Length, now))
                {
                    port.Counters.CountDrop(DropReason.BandwidthLimited);
                    continue;
                }
            }

            port.EnqueueFlooded(ref frame, encoder);
            touched.Add(port, isUnicast: false);
        }

        return all;
    }

    private static void FloodTagged(EnginePort source, ref Frame frame, in ForwardingDecision decision, FlushSet touched, long now)
    {
        var tagging = decision.Vlan.IsTagged ? Tagging.Strip : Tagging.Insert;
        if (TryTag(ref frame, tagging, decision.Vlan.Id, out var tagged)) Flood(source, ref tagged, decision, tagging, touched, now);
        else source.Counters.CountDrop(DropReason.Oversize);
    }

    private static void EnqueueTagged(EnginePort source, EnginePort target, ref Frame frame, in ForwardingDecision decision)
    {
        if (TryTag(ref frame, decision.Tagging, decision.Vlan.Id, out var tagged)) target.Enqueue(ref tagged);
        else source.Counters.CountDrop(DropReason.Oversize);
    }

    private static bool TryTag(ref Frame frame, Tagging tagging, ushort vlan, out Frame tagged)
    {
        var scratch = s_scratch ??= new byte[PacketLayout.MaxFrameLength];
        var clear = frame.Clear();
        var length = VlanTag.Change(clear, tagging, vlan, scratch);
        var offload = frame.Offload;
        var moved = length - clear.Length;
        if (offload.NeedsChecksum) offload.ChecksumStart = (ushort)(offload.ChecksumStart + moved);
        if (offload.HeaderLength != 0) offload.HeaderLength = (ushort)(offload.HeaderLength + moved);
        tagged = new Frame(scratch.AsSpan(0, length)) { Offload = offload };

        // A peer takes no longer message than that: with a tag too much its connection would be closed.
        return length != 0 && tagged.FinishedLength <= EthernetFrame.MaxLength;
    }
}
