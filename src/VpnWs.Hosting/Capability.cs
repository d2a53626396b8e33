namespace VpnWs.Hosting;

/// <summary>Capabilities of Linux (capabilities(7)) that a program may need once it has started.</summary>
[Flags]
internal enum Capability : ulong
{
    /// <summary>None at all.</summary>
    None = 0,

    /// <summary>CAP_DAC_READ_SEARCH: reading files again that belong to others.</summary>
    ReadFiles = 1UL << 2,

    /// <summary>CAP_NET_ADMIN: opening a tap again.</summary>
    NetworkAdministration = 1UL << 12,

    /// <summary>CAP_NET_RAW: binding connections to an interface on old kernels.</summary>
    NetworkRaw = 1UL << 13,
}
