using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;

namespace VpnWs.Transport;

/// <summary>The server's end of a TLS connection (RFC 8446, RFC 5246).</summary>
/// <remarks>
/// What is encrypted cannot be taken back. Where the kernel did not take all of a slice, the slice still counts as unsent to the caller, who
/// hands it over again: it is known by its length, and only its ciphertext is sent then.
/// </remarks>
internal sealed class TlsChannel : Channel
{
    /// <summary>How much is encrypted at a time; its ciphertext fits into 128 KiB.</summary>
    private const int Slice = 120 * 1024;

    private readonly PlainChannel _channel;
    private readonly RecordStream _records;
    private readonly SslStream _tls;
    private int _encryptedAhead;

    private TlsChannel(PlainChannel channel)
    {
        _channel = channel;
        _records = new RecordStream(channel);
        _tls = new SslStream(_records, leaveInnerStreamOpen: true);
    }

    /// <summary>The subject of the certificate that the other end showed, or null.</summary>
    public string? PeerSubject => _tls.RemoteCertificate is X509Certificate2 certificate ? SubjectText.Of(certificate.SubjectName) : null;

    /// <summary>Makes the TLS handshake.</summary>
    /// <param name="plain">A fresh connection, which ends where this fails.</param>
    /// <param name="options">The certificate and what is asked of the other end.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="System.Security.Authentication.AuthenticationException">There is nothing that both ends accept.</exception>
    /// <exception cref="IOException">The connection ended.</exception>
    public static async Task<TlsChannel> AcceptAsync(PlainChannel plain, SslServerAuthenticationOptions options, CancellationToken cancellationToken)
    {
        var channel = new TlsChannel(plain);
        try
        {
            await channel._records.ReadAsync(Memory<byte>.Empty, cancellationToken).ConfigureAwait(false);
            await channel._tls.AuthenticateAsServerAsync(options, cancellationToken).ConfigureAwait(false);
            channel._records.IsGathering = true;
            return channel;
        }
        catch
        {
            channel.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override ValueTask<int> WaitAsync(CancellationToken cancellationToken) => _tls.ReadAsync(Memory<byte>.Empty, cancellationToken);

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var total = await _tls.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        if (total == 0) return 0;
        _records.IsDraining = true;
        try
        {
            while (total < buffer.Length && _records.HasRecord)
            {
                var more = await _tls.ReadAsync(buffer[total..], cancellationToken).ConfigureAwait(false);
                if (more == 0) break;
                total += more;
            }
        }
        catch (IOException e) when (RecordStream.IsNothingThere(e))
        {
            // A record of the protocol's own, such as a key update.
        }
        finally
        {
            _records.IsDraining = false;
        }

        return total;
    }

    /// <inheritdoc/>
    public override int TrySend(ReadOnlySpan<byte> data)
    {
        if (_encryptedAhead > 0) return 0;
        for (var sent = 0; sent < data.Length;)
        {
            var slice = Math.Min(Slice, data.Length - sent);
            _tls.Write(data.Slice(sent, slice));
            if (!_records.TrySend())
            {
                _encryptedAhead = slice;
                return sent;
            }

            sent += slice;
        }

        return data.Length;
    }

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask SendAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        await _records.SendAsync(cancellationToken).ConfigureAwait(false);
        var done = Math.Min(_encryptedAhead, data.Length);
        _encryptedAhead -= done;
        for (data = data[done..]; data.Length > 0;)
        {
            var slice = Math.Min(Slice, data.Length);
            _tls.Write(data.Span[..slice]);
            await _records.SendAsync(cancellationToken).ConfigureAwait(false);
            data = data[slice..];
        }
    }

    /// <inheritdoc/>
    public override async ValueTask ShutdownSendAsync()
    {
        try
        {
            await _tls.ShutdownAsync().ConfigureAwait(false);
            await _records.SendAsync(CancellationToken.None).ConfigureAwait(false);
            await _channel.ShutdownSendAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            // The other end was faster; receiving will say so.
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _channel.Dispose();
        _tls.Dispose();
    }
}
