using System.Security.Authentication;
using VpnWs.Transport;

namespace VpnWs.Server;

/// <summary>Says in plain words why a control interface did not answer.</summary>
internal static class ControlFailure
{
    /// <summary>It, or a web server before it, answered with another status than it should.</summary>
    public static VpnWsException From(ControlResponse answer, string address)
    {
        var status = answer.Status;
        var (failure, advice) = status switch
        {
            400 when ControlReader.ReadReason(answer.Body) is { } reason => (VpnWsFailure.Refused, reason),
            401 => (VpnWsFailure.Authentication, "authentication failed; check the user and the password"),
            403 => (VpnWsFailure.Authentication, "access is forbidden with these credentials"),
            404 => (VpnWsFailure.Refused, "there is no control interface at this path"),
            502 or 503 or 504 => (VpnWsFailure.Refused, "the web server cannot reach vpn-ws behind it"),
            _ => (VpnWsFailure.Refused, "there is no control interface here"),
        };
        return new VpnWsException(failure, $"{address} answered {status}: {advice}") { StatusCode = status };
    }

    /// <summary>The request did not get as far as an answer.</summary>
    public static VpnWsException From(HttpRequestException e, string address)
    {
        var inner = e.GetBaseException();
        return inner is AuthenticationException || e.HttpRequestError == HttpRequestError.SecureConnectionError
            ? new VpnWsException(VpnWsFailure.Certificate, $"TLS with {address} failed: {inner.Message}", e)
            : new VpnWsException(VpnWsFailure.Unreachable, $"cannot reach {address}: {inner.Message}", e);
    }
}
