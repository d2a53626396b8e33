using System.Net;
using VpnWs.Http;
using VpnWs.WebSockets;

namespace VpnWs.Server;

/// <summary>Finds out who comes over HTTP, and who of them is not let in.</summary>
/// <param name="options">What is asked of them.</param>
internal sealed class HttpGate(VpnWsServerOptions options)
{
    /// <summary>How long a wrong password is answered with nothing, so that guessing takes its time.</summary>
    private static readonly TimeSpan Penalty = TimeSpan.FromSeconds(1);

    /// <summary>Looks at a head.</summary>
    /// <param name="head">The head, which anybody may have written.</param>
    /// <param name="from">The other end of the connection; null where that is a Unix socket.</param>
    /// <param name="certificateSubject">The subject of the certificate that the other end showed, or null.</param>
    /// <param name="cancellationToken">Ends the check of a password.</param>
    /// <returns>The head with what we know of the client, and why it is not let in or null.</returns>
    public async ValueTask<(HandshakeRequest Request, HandshakeVerdict.Refused? Refusal)> PassAsync(
        HandshakeRequest head, IPAddress? from, string? certificateSubject, CancellationToken cancellationToken)
    {
        var request = Identify(head, from, certificateSubject);
        var refusal = options.HttpPath is { } path && path != request.Path ? new HandshakeVerdict.Refused(404, "There is nothing here.")
            : !IsWelcome(request.Origin) ? new HandshakeVerdict.Refused(403, "Pages of this origin may not connect.")
            : null;
        if (refusal is not null || options.HttpPassword is null || request.RemoteUser is not null) return (request, refusal);
        if (request.Authorization is null) return (request, new HandshakeVerdict.Refused(401, "Give a user and a password."));
        if (BasicCredentials.TryParse(request.Authorization, out var given)
            && given.User.Length > 0
            && await options.HttpPassword(given.User, given.Password, cancellationToken).ConfigureAwait(false))
            return (request with { RemoteUser = given.User }, null);
        await Task.Delay(Penalty, cancellationToken).ConfigureAwait(false);
        return (request, new HandshakeVerdict.Refused(401, "The user or the password is wrong."));
    }

    /// <summary>Why a request to the control interface is refused, or null: a web page may have made it, in the browser of somebody on this machine.</summary>
    /// <param name="request">The request.</param>
    /// <param name="isUnix">Whether it came through a Unix socket, which no browser can.</param>
    public static HandshakeVerdict.Refused? Objection(HandshakeRequest request, bool isUnix) =>
        isUnix || (!request.IsFromWebPage && IsLoopback(request.Host))
            ? null
            : new HandshakeVerdict.Refused(403, "The control interface is not for web pages.");

    private static bool IsLoopback(string? host) =>
        Uri.TryCreate($"http://{host}/", UriKind.Absolute, out var uri) && uri.IsLoopback;

    private HandshakeRequest Identify(HandshakeRequest head, IPAddress? from, string? certificateSubject)
    {
        var request = head with { DistinguishedName = certificateSubject };
        if (from is null || !ForwardedFor.Contains(options.TrustedProxies, from)) return request;
        return request with
        {
            RemoteAddress = ForwardedFor.ClientOf(head.ForwardedFor, options.TrustedProxies),
            RemoteUser = NonEmpty(head.ForwardedUser),
            DistinguishedName = NonEmpty(head.ForwardedName),
        };
    }

    private bool IsWelcome(string? origin) =>
        origin is null || options.HttpOrigins.Count == 0 || options.HttpOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase);

    private static string? NonEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
