namespace VpnWs.Tests.Architecture;

/// <summary>The house's floors, from the ground up: a namespace may use those on its own floor and below.</summary>
internal static class Floors
{
    private static readonly string[][] FromTheGroundUp =
    [
        ["VpnWs.Ethernet", "VpnWs.WebSockets", "VpnWs.Uwsgi", "VpnWs.Http"],
        ["VpnWs.Offload", "VpnWs.Switching"],
        ["VpnWs.Taps", "VpnWs.Transport"],
        ["VpnWs.Server", "VpnWs.Client"],
        ["VpnWs.Hosting", "VpnWs.ServerProgram", "VpnWs.ClientProgram", "VpnWs.PowerShell"],
    ];

    /// <summary>Whether a namespace decides from bytes alone: one of the two lowest floors.</summary>
    public static bool IsCore(string name) => Of(name) is 0 or 1;

    /// <summary>The floor of a namespace, or null where it has none.</summary>
    public static int? Of(string name)
    {
        for (var floor = 0; floor < FromTheGroundUp.Length; floor++)
        {
            if (FromTheGroundUp[floor].Any(known => name == known || name.StartsWith(known + ".", StringComparison.Ordinal))) return floor;
        }

        return null;
    }
}
