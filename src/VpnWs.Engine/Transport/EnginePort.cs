using VpnWs.Switching;

namespace VpnWs.Transport;

/// <summary>A port of the switch that can be given frames. Neither call waits: what does not fit is dropped and counted.</summary>
internal abstract class EnginePort(long id) : SwitchPort(id)
{
    /// <summary>Takes a frame for sending; it leaves with the next <see cref="Flush"/> at the latest.</summary>
    public abstract void Enqueue(ref Frame frame);

    /// <summary>Sends what was taken.</summary>
    public abstract void Flush();
}
