using System.Net;
using System.Net.Sockets;

namespace VpnWs.Client;

/// <summary>
/// A connected TCP socket's stream whose calls wait in the kernel, on the calling thread. The framework's own stream has every byte that
/// arrives watched by a thread of the runtime and announced to the thread pool, even where nobody waits there: two more thread switches for each batch.
/// </summary>
internal sealed class BlockingStream : Stream
{
    /// <summary>From this length on a read goes right to the caller's buffer, and a write right to the kernel.</summary>
    private const int Large = 64 * 1024;

    /// <summary>How much one receive can bring for smaller reads, and how much smaller writes make of one send.</summary>
    private const int Batch = 128 * 1024;

    private readonly Socket _socket;
    private readonly Lock _writeGate = new();
    private byte[]? _readAhead;
    private int _readStart;
    private int _readEnd;
    private byte[]? _gathered;
    private int _gatheredLength;

    private BlockingStream(Socket socket) => _socket = socket;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Connects to the first of a host's addresses that answers.</summary>
    /// <param name="target">The host, by name or address, and the port.</param>
    /// <param name="prepare">Sets the options of each socket that is tried.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="SocketException">The name has no address, or none of them can be connected to.</exception>
    public static async Task<BlockingStream> ConnectAsync(DnsEndPoint target, Action<Socket> prepare, CancellationToken cancellationToken)
    {
        var addresses = IPAddress.TryParse(target.Host, out var literal)
            ? [literal]
            : await Dns.GetHostAddressesAsync(target.Host, cancellationToken).ConfigureAwait(false);
        SocketException? last = null;
        foreach (var address in addresses)
        {
            try
            {
                return await ConnectAsync(new IPEndPoint(address, target.Port), prepare, cancellationToken).ConfigureAwait(false);
            }
            catch (SocketException e)
            {
                last = e;
            }
        }

        throw last ?? new SocketException((int)SocketError.HostNotFound);
    }

    /// <summary>The two ends of the connection; null where it has gone.</summary>
    public (IPEndPoint Local, IPEndPoint Remote)? Ends
    {
        get
        {
            try
            {
                return _socket is { LocalEndPoint: IPEndPoint local, RemoteEndPoint: IPEndPoint remote } ? (local, remote) : null;
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return null;
            }
        }
    }

    /// <summary>Ends every present and later call, from any thread.</summary>
    public void Abort()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Not connected any more: just what is wanted.
        }
    }

    /// <summary>Whether the kernel takes some bytes at once: fewer than TCP_NOTSENT_LOWAT wait in it. Also where a write would fail at once.</summary>
    /// <exception cref="ObjectDisposedException">The stream was disposed.</exception>
    public bool IsWritable
    {
        get
        {
            try
            {
                return _socket.Poll(0, SelectMode.SelectWrite);
            }
            catch (SocketException)
            {
                return true;
            }
        }
    }

    /// <summary>
    /// Whether the handshakes are over: asynchronous reads, too, wait in the kernel on the calling thread, and small reads and writes are done
    /// many at a time, as TLS makes them; what is written leaves with <see cref="Flush"/> at the latest. False at first.
    /// </summary>
    public bool IsLink { get; set; }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        if (_readStart == _readEnd)
        {
            if (!IsLink || buffer.Length >= Large) return Receive(buffer);
            if (buffer.IsEmpty) return 0;
            _readStart = 0;
            _readEnd = Receive(_readAhead ??= GC.AllocateUninitializedArray<byte>(Batch));
        }

        var ready = _readAhead.AsSpan(_readStart, Math.Min(buffer.Length, _readEnd - _readStart));
        ready.CopyTo(buffer);
        _readStart += ready.Length;
        return ready.Length;
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (!IsLink)
        {
            Send(buffer);
            return;
        }

        lock (_writeGate)
        {
            if (_gatheredLength + buffer.Length > Batch) SendGathered();
            if (buffer.Length >= Large)
            {
                SendGathered();
                Send(buffer);
            }
            else
            {
                buffer.CopyTo((_gathered ??= GC.AllocateUninitializedArray<byte>(Batch)).AsSpan(_gatheredLength));
                _gatheredLength += buffer.Length;
            }
        }
    }

    /// <inheritdoc/>
    public override void Flush()
    {
        lock (_writeGate) SendGathered();
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    /// <remarks>For the handshakes of HTTP and TLS, where cancelling one aborts the connection; and later for whoever reads through the layers above.</remarks>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        IsLink ? new ValueTask<int>(Read(buffer.Span)) : ReadElsewhereAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>For the handshakes of HTTP and TLS; cancelling one aborts the connection.</remarks>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        await RunAsync(
            () =>
            {
                Write(buffer.Span);
                Flush();
                return buffer.Length;
            },
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _socket.Dispose();
        base.Dispose(disposing);
    }

    private static async Task<BlockingStream> ConnectAsync(IPEndPoint target, Action<Socket> prepare, CancellationToken cancellationToken)
    {
        var socket = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            prepare(socket);
            using var registration = cancellationToken.UnsafeRegister(static socket => ((Socket)socket!).Dispose(), socket);
            // A thread of its own: an address that does not answer holds it for as long as the attempt may take.
            await Task.Factory.StartNew(() => socket.Connect(target), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
            return new BlockingStream(socket);
        }
        catch (Exception e) when (cancellationToken.IsCancellationRequested && e is SocketException or ObjectDisposedException)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private int Receive(Span<byte> buffer)
    {
        while (true)
        {
            var received = _socket.Receive(buffer, SocketFlags.None, out var error);
            if (error == SocketError.Success) return received;
            ThrowUnlessInterrupted(error);
        }
    }

    private void Send(ReadOnlySpan<byte> data)
    {
        while (data.Length > 0)
        {
            var sent = _socket.Send(data, SocketFlags.None, out var error);
            if (error == SocketError.Success)
                data = data[sent..];
            else
                ThrowUnlessInterrupted(error);
        }
    }

    private void SendGathered()
    {
        var length = _gatheredLength;
        _gatheredLength = 0;
        Send(_gathered.AsSpan(0, length));
    }

    private static void ThrowUnlessInterrupted(SocketError error)
    {
        if (error == SocketError.Interrupted) return;
        var cause = new SocketException((int)error);
        throw new IOException(cause.Message, cause);
    }

    private async ValueTask<int> ReadElsewhereAsync(Memory<byte> buffer, CancellationToken cancellationToken) =>
        await RunAsync(() => Read(buffer.Span), cancellationToken).ConfigureAwait(false);

    private async Task<int> RunAsync(Func<int> call, CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.UnsafeRegister(static stream => ((BlockingStream)stream!).Abort(), this);
        var count = await Task.Run(call, cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return count;
    }
}
