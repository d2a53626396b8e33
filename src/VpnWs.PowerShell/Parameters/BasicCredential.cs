using System.Management.Automation;
using System.Net;

namespace VpnWs.PowerShell;

/// <summary>Credentials for HTTP Basic (RFC 7617), which knows no domains.</summary>
internal static class BasicCredential
{
    /// <summary>The user's name as it was written; what PowerShell itself makes of it takes what stands before a backslash for a domain.</summary>
    public static NetworkCredential Of(PSCredential credential) => new(credential.UserName, credential.Password);
}
