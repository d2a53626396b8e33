using System.Net;
using VpnWs.Http;
using VpnWs.WebSockets;

namespace VpnWs.Server;

/// <summary>Finds out who comes over HTTP, and who of them is not let in.</summary>
/// <param name="options">What is asked of them.</param>
/// <param name="limits">Say how long a wrong password waits for its answer, so that guessing takes its time.</param>
internal sealed class HttpGate(VpnWsServerOptions options, ClientLimits limits)
{
    private static readonly HandshakeVerdict.Refused TooMany = new(429, "There were too many wrong passwords from this address.");

    /// <summary>Whether an address is a proxy's that may say who comes.</summary>
    public bool IsTrusted(IPAddress address) => ForwardedFor.Contains(options.TrustedProxies, address);

    /// <summary>A head with what is known of its sender.</summary>
    /// <param name="head">The head, which anybody may have written.</param>
    /// <param name="from">The other end of the connection; null where that is a Unix socket.</param>
    /// <param name="certificateSubject">The subject of the certificate that the other end showed, or null.</param>
    public HandshakeRequest Identify(HandshakeRequest head, IPAddress? from, string? certificateSubject)
    {
        var request = head with { DistinguishedName = certificateSubject };
        if (from is null || !IsTrusted(from)) return request;
        return request with
        {
            RemoteAddress = ForwardedFor.ClientOf(head.ForwardedFor, options.TrustedProxies),
            RemoteUser = NonEmpty(head.ForwardedUser),
            DistinguishedName = NonEmpty(head.ForwardedName),
        };
    }

    /// <summary>Looks at a head whose sender is known as far as it will be.</summary>
    /// <param name="request">The head, as <see cref="Identify"/> made it.</param>
    /// <param name="client">Under which address wrong passwords are counted, or null.</param>
    /// <param name="cancellationToken">Ends the check of a password.</param>
    /// <returns>The head with the user who proved to be one, and why it is not let in or null.</returns>
    public async ValueTask<(HandshakeRequest Request, HandshakeVerdict.Refused? Refusal)> PassAsync(
        HandshakeRequest request, IPAddress? client, CancellationToken cancellationToken)
    {
        var refusal = options.HttpPath is { } path && path != request.Path ? new HandshakeVerdict.Refused(404, "There is nothing here.")
            : !IsWelcome(request.Origin) ? new HandshakeVerdict.Refused(403, "Pages of this origin may not connect.")
            : null;
        if (refusal is not null || options.HttpPassword is null || request.RemoteUser is not null) return (request, refusal);
        if (request.Authorization is null) return (request, new HandshakeVerdict.Refused(401, "Give a user and a password."));
        if (limits.IsGuessing(client)) return (request, TooMany);
        await limits.BeginPasswordAsync(client, cancellationToken).ConfigureAwait(false);
        TimeSpan? penalty;
        try
        {
            // Those before in the line may have been wrong.
            if (limits.IsGuessing(client)) return (request, TooMany);
            if (BasicCredentials.TryParse(request.Authorization, out var given)
                && given.User.Length > 0
                && await options.HttpPassword(given.User, given.Password, cancellationToken).ConfigureAwait(false))
                return (request with { RemoteUser = given.User }, null);
            penalty = limits.Failed(client, Environment.TickCount64);
        }
        finally
        {
            limits.EndPassword(client);
        }

        if (penalty is not { } wait) return (request, TooMany);
        await Serve(wait, client).WaitAsync(cancellationToken).ConfigureAwait(false);
        return (request, new HandshakeVerdict.Refused(401, "The user or the password is wrong."));
    }

    /// <summary>A wrong password holds its place for the whole time, also where nobody waits for the answer any more.</summary>
    private async Task Serve(TimeSpan penalty, IPAddress? client)
    {
        await Task.Delay(penalty).ConfigureAwait(false);
        limits.EndFailed(client);
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

    private bool IsWelcome(string? origin) =>
        origin is null || options.HttpOrigins.Count == 0 || options.HttpOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase);

    private static string? NonEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
