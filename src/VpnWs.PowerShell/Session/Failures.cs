using System.Management.Automation;
using VpnWs.Hosting;
using VpnWs.Taps;
using VpnWs.Transport;

namespace VpnWs.PowerShell;

/// <summary>A wish that cannot be met, with all that its error record needs.</summary>
/// <param name="id">The first part of the fully qualified error id; it stays the same from version to version.</param>
/// <param name="category">What kind of error it is.</param>
/// <param name="message">What is wrong, in one sentence.</param>
/// <param name="advice">What to do about it, or null.</param>
internal sealed class LanException(string id, ErrorCategory category, string message, string? advice = null) : Exception(message)
{
    public string Id => id;

    public ErrorCategory Category => category;

    public string? Advice => advice;
}

/// <summary>An error in the block of <c>-Exec</c>, which ends the cmdlet as it is.</summary>
/// <param name="error">The error.</param>
internal sealed class ExecException(RuntimeException error) : Exception(error.Message, error)
{
    public ErrorRecord Record => error.ErrorRecord;
}

/// <summary>Makes error records: stable ids, fitting categories, and advice.</summary>
internal static class Failures
{
    private const string Loopback = "New-VpnWsTap -Loopback makes an in-memory tap, which needs no rights and no particular system.";

    /// <summary>Whether this is something that a user can mend, rather than a fault of ours.</summary>
    public static bool IsExpected(Exception e) =>
        e is LanException or VpnWsException or IOException or UnauthorizedAccessException or PlatformNotSupportedException or ExecException;

    /// <summary>The record of an exception.</summary>
    /// <param name="e">What went wrong.</param>
    /// <param name="target">What it went wrong with.</param>
    public static ErrorRecord Record(Exception e, object? target) => e switch
    {
        ExecException exec => exec.Record,
        LanException lan => Record(e, lan.Id, lan.Category, target, lan.Advice),
        VpnWsException failure => Record(failure, target),
        TapException { IsBadName: true } => Record(e, "TapNameInvalid", ErrorCategory.InvalidArgument, target, "Give a name such as vpn0, or vpn%d for the first free number."),
        TapException tap => Record(e, "TapFailed", tap.IsPermission ? ErrorCategory.PermissionDenied : ErrorCategory.ResourceUnavailable, target, Loopback),
        PlatformNotSupportedException => Record(e, "TapNotSupported", ErrorCategory.NotImplemented, target, Loopback),
        UnauthorizedAccessException => Record(e, "AccessDenied", ErrorCategory.PermissionDenied, target, null),
        IOException => Record(e, "InputOutputFailed", ErrorCategory.OpenError, target, null),
        _ => Record(e, "Unexpected", ErrorCategory.NotSpecified, target, null),
    };

    /// <summary>Nothing of that name is there.</summary>
    public static ErrorRecord NotFound(string kind, string name) => Record(
        new LanException(
            $"{kind}NotFound", ErrorCategory.ObjectNotFound, $"There is no {Words(kind)} '{name}' in this session.", $"Get-VpnWs{kind} lists those that are there."),
        name);

    /// <summary>The name is taken.</summary>
    public static LanException NameInUse(string kind, string name) => new(
        "NameInUse", ErrorCategory.ResourceExists, $"There is a {Words(kind)} '{name}' in this session already.", "Choose another name with -Name.");

    /// <summary>A sentence of the engine or the programs as PowerShell shows sentences; theirs begin in lower case, to stand behind the name of a program.</summary>
    public static string Sentence(string message)
    {
        var text = message.Length > 0 ? char.ToUpperInvariant(message[0]) + message[1..] : message;
        return text.EndsWith('.') ? text : text + ".";
    }

    /// <summary>Has files read that parameters name.</summary>
    /// <param name="read">Reads them.</param>
    /// <param name="id">The first part of the error id where one cannot be read, or is not what it should be.</param>
    /// <param name="advice">What to do about that.</param>
    /// <exception cref="LanException">Says what is wrong with a file.</exception>
    public static T Read<T>(Func<T> read, string id, string advice)
    {
        try
        {
            return read();
        }
        catch (CertificateTimeException e)
        {
            throw File("CertificateNotValid", e, "Give one that is valid now, or mend the clock.");
        }
        catch (ProgramException e)
        {
            throw File(id, e, advice);
        }
    }

    private static LanException File(string id, ProgramException e, string advice) => new(
        id,
        e.InnerException switch
        {
            FileNotFoundException or DirectoryNotFoundException => ErrorCategory.ObjectNotFound,
            UnauthorizedAccessException => ErrorCategory.PermissionDenied,
            _ => ErrorCategory.InvalidData,
        },
        Sentence(e.Message),
        advice);

    private static string Words(string kind) => kind == "Tap" ? "tap" : kind == "Server" ? "server" : "connection";

    private static ErrorRecord Record(VpnWsException e, object? target)
    {
        var (id, category, advice) = e.Failure switch
        {
            VpnWsFailure.Address => ("AddressInvalid", ErrorCategory.InvalidArgument, "Give the path of a Unix socket, host:port, :port or [v6]:port of this machine."),
            VpnWsFailure.AddressInUse => ("AddressInUse", ErrorCategory.ResourceBusy, "Choose another address, or end the program that listens there."),
            VpnWsFailure.Unreachable => ("Unreachable", ErrorCategory.ConnectionError, "Check the address, the network and that the server runs."),
            VpnWsFailure.Timeout => ("Timeout", ErrorCategory.OperationTimeout, "Try again, or allow more time with -TimeoutSec."),
            VpnWsFailure.Certificate => ("CertificateRejected", ErrorCategory.SecurityError, "Check the certificate and the host name in -Uri; -SkipCertificateCheck accepts any."),
            VpnWsFailure.Authentication => ("AuthenticationFailed", ErrorCategory.AuthenticationError, "Give other credentials with -Credential or -Certificate."),
            VpnWsFailure.Refused => ("Refused", ErrorCategory.ProtocolError, "Check the path of the address."),
            VpnWsFailure.Protocol => ("ProtocolViolated", ErrorCategory.ProtocolError, "Check that a vpn-ws server is at the address."),
            VpnWsFailure.Closed => ("ConnectionClosed", ErrorCategory.ConnectionError, (string?)null),
            VpnWsFailure.Tap => ("TapFailed", ErrorCategory.ResourceUnavailable, null),
            _ => ("Failed", ErrorCategory.NotSpecified, null),
        };
        return Record(e, id, category, target, advice);
    }

    private static ErrorRecord Record(Exception e, string id, ErrorCategory category, object? target, string? advice)
    {
        var record = new ErrorRecord(e, id, category, target);
        if (advice is not null) record.ErrorDetails = new ErrorDetails(Sentence(e.Message)) { RecommendedAction = advice };
        return record;
    }
}
