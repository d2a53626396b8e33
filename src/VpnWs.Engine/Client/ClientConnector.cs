using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using VpnWs.Ethernet;
using VpnWs.Http;
using VpnWs.Transport;
using VpnWs.WebSockets;

namespace VpnWs.Client;

/// <summary>Makes the connection and its WebSocket handshake (RFC 6455 section 4.1) with the platform's HTTP client, which brings TLS, host names and proxies.</summary>
internal sealed class ClientConnector
{
    private const int KeyLength = 16;

    private readonly VpnWsClientOptions _options;
    private readonly SslStreamCertificateContext? _certificate;
    private string? _otherFingerprint;
    private bool _wasAsked;

    public ClientConnector(VpnWsClientOptions options)
    {
        _options = options;
        Route = new SocketRoute(options.OutgoingInterface, options.Mark);
        Target = new UriBuilder(options.Uri) { UserName = "", Password = "", Fragment = "" }.Uri;
        if (options.ClientCertificate is { } certificate)
            _certificate = SslStreamCertificateContext.Create(certificate, options.ClientCertificateChain, offline: true);
    }

    /// <summary>How connections leave this machine.</summary>
    public SocketRoute Route { get; }

    /// <summary>Where the client connects to, without credentials.</summary>
    public Uri Target { get; }

    /// <summary>The same for people's eyes: a query may hold a secret too.</summary>
    public string Display => Target.GetLeftPart(UriPartial.Path);

    /// <summary>Connects once.</summary>
    /// <param name="mac">The tap's address, to be declared.</param>
    /// <param name="offerOffload">Whether to offer <c>vpn-ws.offload.v1</c>.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="VpnWsException">There is no link; the message says why.</exception>
    public async Task<ClientConnection> ConnectAsync(MacAddress mac, bool offerOffload, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(_options.Timeout);
        var key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyLength));
        HttpResponseMessage? response = null;
        BlockingStream? socket = null;
        // One for each attempt: with a pool of connections the socket that was made last need not be the one that the answer came by.
        var http = new HttpMessageInvoker(MakeHandler(made => socket = made));
        try
        {
            using var request = MakeRequest(key, mac, offerOffload);
            response = await http.SendAsync(request, timeout.Token).ConfigureAwait(false);
            if (response.StatusCode != HttpStatusCode.SwitchingProtocols) throw ConnectFailure.FromStatus(response.StatusCode, response.ReasonPhrase);
            Check(response, key, offerOffload);
            var connection = new ClientConnection(http, response, response.Content.ReadAsStream(timeout.Token), socket!)
            {
                HasOffload = Header(response, "Sec-WebSocket-Protocol") is not null,
                BridgeAnswer = Header(response, "X-vpn-ws-bridge"),
            };
            response = null;
            http = null;
            return connection;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new VpnWsException(VpnWsFailure.Timeout, FormattableString.Invariant($"{Target.Host} did not answer within {_options.Timeout.TotalSeconds:0.#} s"));
        }
        catch (HttpRequestException e)
        {
            if (_otherFingerprint is { } other)
                throw new VpnWsException(VpnWsFailure.Certificate, $"the certificate of {Target.Host} has another fingerprint than was given: {other}", e);
            throw ConnectFailure.From(e, Target, _wasAsked, _certificate is not null);
        }
        finally
        {
            response?.Dispose();
            http?.Dispose();
        }
    }

    private SocketsHttpHandler MakeHandler(Action<BlockingStream> connected)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = _options.Timeout,
            ConnectCallback = (context, cancellationToken) => ConnectSocketAsync(context, connected, cancellationToken),
            Proxy = _options.Proxy,
            SslOptions = new SslClientAuthenticationOptions { ClientCertificateContext = _certificate },
        };
        _otherFingerprint = null;
        _wasAsked = false;
        // There is none to select: it tells that the server asks for one, which is what the handshake calls it a second time for.
        if (_certificate is null) handler.SslOptions.LocalCertificateSelectionCallback = NoteThatOneIsAsked;
        if (_options.CertificateFingerprints.Count > 0)
        {
            handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => IsPinned(certificate);
        }
        else if (!_options.VerifyCertificate)
        {
#pragma warning disable CA5359 // --no-verify is there for exactly this, and off by default.
            handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (_options.TrustedAuthorities.Count > 0)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.AddRange(_options.TrustedAuthorities);
            handler.SslOptions.CertificateChainPolicy = policy;
        }

        return handler;
    }

    private async ValueTask<Stream> ConnectSocketAsync(SocketsHttpConnectionContext context, Action<BlockingStream> connected, CancellationToken cancellationToken)
    {
        // The first ping goes out after the ping interval; TCP has the rest of the time to find that nobody acknowledges it.
        var timeout = _options.Timeout - _options.PingInterval;
        var stream = await BlockingStream.ConnectAsync(context.DnsEndPoint, Prepare, cancellationToken).ConfigureAwait(false);
        connected(stream);
        return stream;

        void Prepare(Socket socket)
        {
            SocketTuning.Apply(socket, timeout);
            Route.Apply(socket);
        }
    }

    private X509Certificate NoteThatOneIsAsked(object sender, string targetHost, X509CertificateCollection certificates, X509Certificate? remote, string[] issuers)
    {
        if (remote is not null) _wasAsked = true;
        return null!;
    }

    private bool IsPinned(X509Certificate? certificate)
    {
        if (certificate is null) return false;
        var fingerprint = certificate.GetCertHashString(HashAlgorithmName.SHA256);
        var isPinned = _options.CertificateFingerprints.Contains(fingerprint, StringComparer.OrdinalIgnoreCase);
        if (!isPinned) _otherFingerprint = fingerprint;
        return isPinned;
    }

    private HttpRequestMessage MakeRequest(string key, MacAddress mac, bool offerOffload)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, Target) { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.Connection.Add("Upgrade");
        request.Headers.Upgrade.ParseAdd("websocket");
        request.Headers.Add("Sec-WebSocket-Version", "13");
        request.Headers.Add("Sec-WebSocket-Key", key);
        request.Headers.Add("X-vpn-ws-MAC", mac.ToString());
        if (_options.Bridge) request.Headers.Add("X-vpn-ws-bridge", "on");
        if (offerOffload) request.Headers.Add("Sec-WebSocket-Protocol", HandshakeJudge.OffloadProtocol);
        if (Credentials() is { } credentials)
            request.Headers.Add("Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));
        foreach (var (name, value) in _options.Headers)
        {
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    private string? Credentials()
    {
        if (_options.Credentials is { } given) return $"{given.UserName}:{given.Password}";
        var info = _options.Uri.UserInfo;
        return info.Length == 0 ? null : Uri.UnescapeDataString(info);
    }

    private static void Check(HttpResponseMessage response, string key, bool offeredOffload)
    {
        var accept = Header(response, "Sec-WebSocket-Accept");
        if (accept != WebSocketHandshake.ComputeAccept(key))
            throw new VpnWsException(VpnWsFailure.Protocol, "the server's answer has no or a wrong Sec-WebSocket-Accept: it is no WebSocket server, or something on the way answers in its place");
        var protocol = Header(response, "Sec-WebSocket-Protocol");
        if (protocol is not null && !(offeredOffload && protocol == HandshakeJudge.OffloadProtocol))
            throw new VpnWsException(VpnWsFailure.Protocol, $"the server picked a subprotocol that was not offered: {protocol}");
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;
}
