using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using VpnWs.Transport;

namespace VpnWs.Server;

/// <summary>The way over HTTP: a web server passes the request on to the server's control interface.</summary>
internal sealed class HttpControlChannel : IControlChannel
{
    private const int MaxAnswer = 64 * 1024 * 1024;

    private readonly Uri _uri;
    private readonly HttpClient _http;

    /// <param name="uri">Where the control interface is.</param>
    /// <param name="credentials">Basic credentials, or null.</param>
    /// <param name="verifyCertificate">Whether to check the server's certificate.</param>
    /// <param name="socket">What to connect to in place of the host of the URL, or null.</param>
    public HttpControlChannel(Uri uri, NetworkCredential? credentials, bool verifyCertificate, ListenAddress? socket)
    {
        _uri = new UriBuilder(uri) { UserName = "", Password = "", Fragment = "" }.Uri;
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        if (socket is not null)
        {
            handler.UseProxy = false;
            handler.ConnectCallback = async (_, cancellationToken) => new NetworkStream(await SocketControlChannel.ConnectAsync(socket, cancellationToken).ConfigureAwait(false), ownsSocket: true);
        }

        if (!verifyCertificate)
        {
#pragma warning disable CA5359 // Whoever asks for it wants exactly this; it is off by default.
            handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }

        _http = new HttpClient(handler) { MaxResponseContentBufferSize = MaxAnswer, Timeout = Timeout.InfiniteTimeSpan };
        var user = credentials is null ? Uri.UnescapeDataString(uri.UserInfo) : $"{credentials.UserName}:{credentials.Password}";
        if (user.Length > 0)
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(user)));
    }

    public string Address => _uri.GetLeftPart(UriPartial.Path);

    public async Task<ControlResponse> AskAsync(string query, CancellationToken cancellationToken)
    {
        var target = query.Length > 0 ? new UriBuilder(_uri) { Query = $"{_uri.Query.TrimStart('?')}{(_uri.Query.Length > 1 ? "&" : "")}{query}" }.Uri : _uri;
        using var response = await _http.GetAsync(target, cancellationToken).ConfigureAwait(false);
        return new ControlResponse((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false));
    }

    public void Dispose() => _http.Dispose();
}
