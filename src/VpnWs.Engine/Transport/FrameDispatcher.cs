using VpnWs.Switching;

namespace VpnWs.Transport;

/// <summary>Carries out what the switch decides: one frame from one port into the outboxes of others.</summary>
internal sealed class FrameDispatcher(VirtualSwitch fabric)
{
    /// <summary>Switches one frame; the touched ports are noted in <paramref name="touched"/> and not yet flushed.</summary>
    /// <param name="source">The port that the frame came from.</param>
    /// <param name="frame">The frame, its headers clear.</param>
    /// <param name="touched">The batch's set of ports.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    public void Dispatch(EnginePort source, ref Frame frame, FlushSet touched, long now)
    {
        source.Counters.CountReceived(frame.Length);
        if (frame.Offload.IsSuperFrame) source.Counters.CountSuperFrameReceived();
        var decision = fabric.Forward(source, frame.Head, frame.Length, now);
        switch (decision.Kind)
        {
            case ForwardingKind.Unicast:
                var only = (EnginePort)decision.Port;
                only.Enqueue(ref frame);
                touched.Add(only, isUnicast: true);
                break;
            case ForwardingKind.Flood:
                frame.Clear();
                var encoder = FloodEncoder.Begin();
                foreach (EnginePort port in decision.Targets)
                {
                    if (ReferenceEquals(port, source)) continue;
                    port.EnqueueFlooded(ref frame, encoder);
                    touched.Add(port, isUnicast: false);
                }

                break;
        }
    }
}
