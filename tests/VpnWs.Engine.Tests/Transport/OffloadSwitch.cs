using VpnWs.Client;
using VpnWs.Server;

namespace VpnWs.Tests.Transport;

/// <summary>Whether the servers and clients of the tests speak of offload where a test does not say.</summary>
internal static class OffloadSwitch
{
    private const string Variable = "VPNWS_TEST_OFFLOAD";

    /// <summary>On, unless the environment says <c>VPNWS_TEST_OFFLOAD=off</c>.</summary>
    public static bool IsOn { get; } = Environment.GetEnvironmentVariable(Variable) switch
    {
        null or "" or "on" => true,
        "off" => false,
        var other => throw new InvalidOperationException($"{Variable} is '{other}': set it to on or off."),
    };

    /// <summary>For tests that are about offload, however the switch stands.</summary>
    public static VpnWsServerOptions On(VpnWsServerOptions options) => options with { Offload = true };

    /// <inheritdoc cref="On(VpnWsServerOptions)"/>
    public static VpnWsClientOptions On(VpnWsClientOptions options) => options with { Offload = true };
}
