using VpnWs.Server;

namespace VpnWs.Hosting;

/// <summary>What an operator should know of addresses that others can reach. The PowerShell module is built with this file too.</summary>
internal static class OpenAddresses
{
    /// <summary>A warning for each address that strangers may use or listen to.</summary>
    /// <param name="options">What the server is told.</param>
    /// <param name="tlsOption">The option that would have TLS spoken there.</param>
    /// <param name="passwordOption">The option that would have passwords asked for.</param>
    public static IEnumerable<string> Warnings(VpnWsServerOptions options, string tlsOption, string passwordOption)
    {
        if (options.HttpTls is not null) yield break;
        foreach (var address in options.HttpAddresses.Where(address => !address.IsLocal))
        {
            yield return options.HttpPassword is null
                ? $"anybody who reaches {address} joins the LAN, and anybody on the way reads it: there are neither TLS ({tlsOption}) nor passwords ({passwordOption})"
                : $"passwords and frames to {address} can be read on the way: there is no TLS ({tlsOption})";
        }
    }
}
