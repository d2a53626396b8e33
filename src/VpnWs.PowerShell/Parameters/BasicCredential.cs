using System.Management.Automation;
using System.Net;

namespace VpnWs.PowerShell;

/// <summary>Credentials for HTTP Basic (RFC 7617), which knows no domains.</summary>
internal static class BasicCredential
{
    /// <summary>The user's name as it was written; what PowerShell itself makes of it takes what stands before a backslash for a domain.</summary>
    /// <exception cref="LanException">The name is one that cannot be sent (RFC 7617 section 2).</exception>
    public static NetworkCredential Of(PSCredential credential) => credential.UserName.Contains(':', StringComparison.Ordinal)
        ? throw new LanException("CredentialInvalid", ErrorCategory.InvalidArgument, "A user name with a colon cannot be sent.", "Choose another user name: what follows a colon is the password.")
        : new NetworkCredential(credential.UserName, credential.Password);
}
