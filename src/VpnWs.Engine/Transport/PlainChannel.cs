namespace VpnWs.Transport;

/// <summary>A channel right above a socket.</summary>
internal abstract class PlainChannel : Channel
{
    /// <summary>Receives what is there without waiting; false where nothing is.</summary>
    /// <param name="buffer">Where to, not empty.</param>
    /// <param name="received">How many bytes; 0 at the end of the stream.</param>
    public abstract bool TryReceive(Span<byte> buffer, out int received);
}
