namespace VpnWs.Transport;

/// <summary>A connected byte stream with the operations that the frame path needs: wait without a buffer, receive, send what fits, send the rest later.</summary>
internal abstract class Channel : IDisposable
{
    /// <summary>Completes when bytes can be received or the stream has ended; holds no buffer meanwhile.</summary>
    public abstract ValueTask WaitAsync(CancellationToken cancellationToken);

    /// <summary>Receives at least one byte, or 0 at the end of the stream.</summary>
    public abstract ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>Sends what can be sent without waiting and says how much that was; 0 also where this stream cannot tell.</summary>
    public abstract int TrySend(ReadOnlySpan<byte> data);

    /// <summary>Sends all of it.</summary>
    public abstract ValueTask SendAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken);

    /// <summary>Says that nothing more will be sent; receiving goes on.</summary>
    public abstract ValueTask ShutdownSendAsync();

    /// <summary>Ends the stream at once; whoever waits on it is woken. Callable from any thread, more than once.</summary>
    public abstract void Dispose();
}
