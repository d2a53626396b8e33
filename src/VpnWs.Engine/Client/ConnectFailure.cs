using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using VpnWs.Transport;

namespace VpnWs.Client;

/// <summary>Says in plain words why there is no link.</summary>
internal static class ConnectFailure
{
    /// <summary>The server, or a web server before it, answered with something else than 101.</summary>
    public static VpnWsException FromStatus(HttpStatusCode status, string? phrase)
    {
        var code = (int)status;
        var (failure, advice) = code switch
        {
            401 => (VpnWsFailure.Authentication, "authentication failed; check the user and the password, or the certificate"),
            403 => (VpnWsFailure.Authentication, "access is forbidden with these credentials or this certificate"),
            400 => (VpnWsFailure.Refused, "the request or the client certificate was not accepted"),
            404 => (VpnWsFailure.Refused, "there is nothing at this path; check the URL"),
            >= 300 and < 400 => (VpnWsFailure.Refused, "it redirects elsewhere; check the URL (ws:// or wss://?)"),
            502 or 504 => (VpnWsFailure.Refused, "the web server cannot reach vpn-ws behind it"),
            503 => (VpnWsFailure.Refused, "it is full or not ready"),
            _ => (VpnWsFailure.Refused, "it does not offer a WebSocket here"),
        };
        return new VpnWsException(failure, $"the server answered {code}{(string.IsNullOrEmpty(phrase) ? "" : $" {phrase}")}: {advice}") { StatusCode = code };
    }

    /// <summary>The request did not get as far as an answer.</summary>
    /// <param name="e">What the platform says of it.</param>
    /// <param name="target">Where it went.</param>
    /// <param name="wasAsked">Whether the server asked for a client certificate and none was there.</param>
    /// <param name="hasCertificate">Whether a client certificate was there.</param>
    public static VpnWsException From(HttpRequestException e, Uri target, bool wasAsked = false, bool hasCertificate = false)
    {
        if (Find<VpnWsException>(e) is { } known) return known;
        if (Find<AuthenticationException>(e) is { } tls)
            return new VpnWsException(VpnWsFailure.Certificate, $"TLS with {target.Host} failed: {Innermost(tls).Message}", e);
        var where = $"{target.Host}:{target.Port}";
        // In TLS 1.3 a server looks at the client's certificate when the client believes the handshake done (RFC 8446 section 4.4.2), and may just hang up.
        if (IsHungUp(e) && wasAsked)
            return new VpnWsException(VpnWsFailure.Certificate, $"{where} asks for a client certificate and ended the connection, since there is none", e);
        if (IsHungUp(e) && hasCertificate && target.Scheme == "wss")
            return new VpnWsException(VpnWsFailure.Certificate, $"{where} ended the connection without an answer, most likely because it does not accept the client certificate: {Innermost(e).Message}", e);
        return e.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => new VpnWsException(VpnWsFailure.Unreachable, $"the name {target.Host} cannot be resolved", e),
            HttpRequestError.ProxyTunnelError => FromProxy(e),
            HttpRequestError.SecureConnectionError => new VpnWsException(VpnWsFailure.Certificate, $"TLS with {where} failed: {Innermost(e).Message}", e),
            HttpRequestError.ConnectionError => new VpnWsException(VpnWsFailure.Unreachable, $"cannot connect to {where}: {(Find<SocketException>(e) ?? (Exception)e).Message}", e),
            HttpRequestError.InvalidResponse or HttpRequestError.ResponseEnded => new VpnWsException(VpnWsFailure.Protocol, $"{where} does not answer as an HTTP server does", e),
            _ => new VpnWsException(VpnWsFailure.Unreachable, $"no link to {where}: {Innermost(e).Message}", e),
        };
    }

    private static bool IsHungUp(HttpRequestException e) =>
        e.HttpRequestError is HttpRequestError.ResponseEnded or HttpRequestError.SecureConnectionError or HttpRequestError.Unknown;

    private static VpnWsException FromProxy(HttpRequestException e) =>
        e.StatusCode is { } status
            ? new VpnWsException(status == HttpStatusCode.ProxyAuthenticationRequired ? VpnWsFailure.Authentication : VpnWsFailure.Refused, $"the proxy answered {(int)status} to the wish for a tunnel", e) { StatusCode = (int)status }
            : new VpnWsException(VpnWsFailure.Unreachable, $"the proxy made no tunnel: {Innermost(e).Message}", e);

    private static T? Find<T>(Exception e)
        where T : Exception
    {
        for (Exception? at = e; at is not null; at = at.InnerException)
        {
            if (at is T found) return found;
        }

        return null;
    }

    private static Exception Innermost(Exception e) => e.InnerException is { } inner ? Innermost(inner) : e;
}
