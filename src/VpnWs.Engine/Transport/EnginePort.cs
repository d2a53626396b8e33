using VpnWs.Switching;

namespace VpnWs.Transport;

/// <summary>A port of the switch that can be given frames. Neither call waits: what does not fit is dropped and counted.</summary>
internal abstract class EnginePort(long id) : SwitchPort(id)
{
    /// <summary>Takes a frame for sending; it leaves with the next <see cref="Flush"/> at the latest.</summary>
    public abstract void Enqueue(ref Frame frame);

    /// <summary>The same for a frame that goes to many ports.</summary>
    public virtual void EnqueueFlooded(ref Frame frame, FloodEncoder encoder) => Enqueue(ref frame);

    /// <summary>The outbox that a sender to this port should not overfill, or null for a port without a queue of its own.</summary>
    public virtual Outbox? Outbox => null;

    /// <summary>Sends what was taken.</summary>
    public abstract void Flush();
}
