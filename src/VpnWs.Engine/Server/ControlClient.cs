using System.Net;
using System.Net.Sockets;
using VpnWs.Switching.Guards;
using VpnWs.Transport;

namespace VpnWs.Server;

/// <summary>Uses the control interface of a running server, ours or the C program's (WIRE section 4): over its uwsgi socket, or over HTTP through a web server.</summary>
public sealed class ControlClient : IDisposable
{
    private readonly IControlChannel _channel;
    private readonly bool _isUnix;

    private ControlClient(IControlChannel channel, bool isUnix) => (_channel, _isUnix) = (channel, isUnix);

    /// <summary>Where the control interface is, without credentials.</summary>
    public string Address => _channel.Address;

    /// <summary>Uses a socket of a server: its uwsgi address or, where that is spoken there, its control address with HTTP. Whoever may connect to it may control it.</summary>
    /// <param name="address">What the server was given: a path, or host and port.</param>
    public static ControlClient OverSocket(ListenAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return new ControlClient(new SocketControlChannel(address), address.Path is not null);
    }

    /// <summary>Uses a URL at which a web server offers the control interface.</summary>
    /// <param name="uri">An <c>http://</c> or <c>https://</c> one, such as <c>https://vpn.example.com/vpn_admin</c>.</param>
    /// <param name="credentials">Basic credentials, or null for none.</param>
    /// <param name="verifyCertificate">Whether to check the server's certificate and its host name; default true.</param>
    /// <exception cref="ArgumentException">The URL is no <c>http://</c> or <c>https://</c> one.</exception>
    public static ControlClient OverHttp(Uri uri, NetworkCredential? credentials = null, bool verifyCertificate = true)
    {
        ArgumentNullException.ThrowIfNull(uri);
        return uri.IsAbsoluteUri && uri.Scheme is "http" or "https"
            ? new ControlClient(new HttpControlChannel(uri, credentials, verifyCertificate, null), isUnix: false)
            : throw new ArgumentException("The address of a control interface must start with http:// or https://.", nameof(uri));
    }

    /// <summary>Asks for all ports of the server's switch, its tap among them.</summary>
    /// <exception cref="VpnWsException">The server cannot be reached, does not let us in, or answers something else.</exception>
    public async Task<IReadOnlyList<PeerInfo>> GetPeersAsync(CancellationToken cancellationToken = default)
    {
        var answer = await AskAsync(ControlRequest.List, cancellationToken).ConfigureAwait(false);
        if (answer.Status != 200) throw Refused(answer);
        try
        {
            return ControlReader.ReadPeers(answer.Body);
        }
        catch (InvalidDataException e)
        {
            throw new VpnWsException(VpnWsFailure.Protocol, $"{Address} is no control interface of vpn-ws: {e.Message}", e);
        }
    }

    /// <summary>Asks for the same as the server writes it: JSON, in UTF-8 unless the C server passes on other bytes.</summary>
    /// <exception cref="VpnWsException">The server cannot be reached, does not let us in, or answers something else.</exception>
    public async Task<ReadOnlyMemory<byte>> GetJsonAsync(CancellationToken cancellationToken = default)
    {
        var answer = await AskAsync(ControlRequest.List, cancellationToken).ConfigureAwait(false);
        return answer.Status == 200 ? answer.Body : throw Refused(answer);
    }

    /// <summary>Ends a peer's connection.</summary>
    /// <param name="id">The peer's id.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>False where there is no such peer.</returns>
    /// <exception cref="VpnWsException">The server cannot be reached, does not let us in, or answers something else.</exception>
    public async Task<bool> KillAsync(long id, CancellationToken cancellationToken = default)
    {
        var answer = await AskAsync(ControlRequest.Kill(id), cancellationToken).ConfigureAwait(false);
        return Found(answer);
    }

    /// <summary>Changes what a peer may do.</summary>
    /// <param name="id">The peer's id.</param>
    /// <param name="change">What is to change; what is null stays.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>False where there is no such peer.</returns>
    /// <exception cref="VpnWsException">The server cannot be reached, does not let us in, has no limits for its peers (the C program's), or answers something else.</exception>
    public async Task<bool> ChangeLimitsAsync(long id, PortLimits change, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        var answer = await AskAsync(ControlRequest.Set(id, change), cancellationToken).ConfigureAwait(false);
        if (!Found(answer)) return false;

        // A server that does not know the question takes it for the one for its peers.
        return answer.Body.Span.IndexOf("\"peers\""u8) < 0 ? true : throw new VpnWsException(VpnWsFailure.Protocol, $"{Address} is a server that has no limits for its peers");
    }

    /// <inheritdoc/>
    public void Dispose() => _channel.Dispose();

    // Whether there was such a peer. A web server's own 404 is a page, not JSON.
    private bool Found(ControlResponse answer)
    {
        if (answer.Status is 200 || (answer.Status is 404 && answer.Body.Span.TrimStart((byte)' ').StartsWith("{"u8))) return answer.Status == 200;
        throw Refused(answer);
    }

    private async Task<ControlResponse> AskAsync(string query, CancellationToken cancellationToken)
    {
        try
        {
            return await _channel.AskAsync(query, cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException e)
        {
            throw ControlFailure.From(e, Address);
        }
        catch (SocketException e)
        {
            throw new VpnWsException(VpnWsFailure.Unreachable, $"cannot connect to {Address}: {Why(e)}", e);
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw new VpnWsException(VpnWsFailure.Protocol, $"{Address} is no control interface of vpn-ws: {e.Message}", e);
        }
    }

    // So does the framework call ENOENT, which only a socket in the file system can get.
    private string Why(SocketException e) =>
        e.SocketErrorCode == SocketError.AddressNotAvailable && _isUnix ? "there is no such socket" : e.Message;

    private VpnWsException Refused(ControlResponse answer) => ControlFailure.From(answer, Address);
}
