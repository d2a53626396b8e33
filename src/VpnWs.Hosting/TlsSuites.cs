using System.Net.Security;
using System.Runtime.Intrinsics.X86;
using ArmAes = System.Runtime.Intrinsics.Arm.Aes;

namespace VpnWs.Hosting;

/// <summary>Which TLS cipher suites a server takes, the one it likes best first. The PowerShell module is built with this file too.</summary>
/// <remarks>
/// By itself OpenSSL takes AES-256 of what a client offers. AES-128, which nobody breaks either, is ten rounds in place of fourteen, and encryption
/// is a good part of what a frame costs over TLS. All of these have forward secrecy (RFC 9325 section 7.3).
/// </remarks>
internal static class TlsSuites
{
    /// <summary>The word for what OpenSSL is configured for.</summary>
    public const string SystemWord = "system";

    private static readonly TlsCipherSuite[] Aes128 =
    [
        TlsCipherSuite.TLS_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_DHE_RSA_WITH_AES_128_GCM_SHA256,
    ];

    private static readonly TlsCipherSuite[] Aes256 =
    [
        TlsCipherSuite.TLS_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_DHE_RSA_WITH_AES_256_GCM_SHA384,
    ];

    private static readonly TlsCipherSuite[] ChaCha20 =
    [
        TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    ];

    private static readonly TlsCipherSuite[] Cbc =
    [
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384,
    ];

    /// <summary>All that can be asked for, best first: AES-128, but ChaCha20 where the processor does not know AES.</summary>
    public static IReadOnlyList<TlsCipherSuite> Preferred { get; } =
        Aes.IsSupported || ArmAes.IsSupported ? [.. Aes128, .. ChaCha20, .. Aes256, .. Cbc] : [.. ChaCha20, .. Aes128, .. Aes256, .. Cbc];

    /// <summary>Reads a list of names, as IANA registers them, with commas between.</summary>
    /// <returns>The suites; none for <see cref="SystemWord"/>.</returns>
    /// <exception cref="FormatException">There is no such suite, or none that a server should take.</exception>
    public static IReadOnlyList<TlsCipherSuite> Parse(string text) =>
        text == SystemWord ? [] : [.. text.Split(',', StringSplitOptions.TrimEntries).Select(ParseOne).Distinct()];

    /// <summary>What TLS is told; null where it decides by itself: where no suites are named, and outside Linux.</summary>
    public static CipherSuitesPolicy? Policy(IReadOnlyList<TlsCipherSuite> suites) =>
        suites.Count > 0 && OperatingSystem.IsLinux() ? new CipherSuitesPolicy(suites) : null;

    private static TlsCipherSuite ParseOne(string name)
    {
        foreach (var suite in Preferred)
        {
            if (suite.ToString() == name) return suite;
        }

        throw new FormatException($"'{name}' is none of the TLS suites that can be asked for: {string.Join(", ", Preferred)}, or {SystemWord}");
    }
}
