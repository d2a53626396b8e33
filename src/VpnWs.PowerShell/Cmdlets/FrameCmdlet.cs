using System.Management.Automation;
using VpnWs.Taps;

namespace VpnWs.PowerShell;

/// <summary>What the cmdlets for frames have in common: the end of a loopback pair that a script holds.</summary>
public abstract class FrameCmdlet : LanCmdlet
{
    /// <summary>Makes a cmdlet for one pipeline.</summary>
    private protected FrameCmdlet()
    {
    }

    /// <summary>The end of a loopback pair that the script holds, as an object or name: most often the Peer of the tap that a server or connection has.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ArgumentCompleter(typeof(OwnEndCompleter))]
    [ValidateNotNull]
    public TapSource Tap { get; set; } = null!;

    private protected override object? Target => Tap.Name;

    /// <summary>The tap that is meant, and that it is a script's to use.</summary>
    private protected (LanTap Tap, ITap End) OwnEnd()
    {
        var tap = Tap.Find(Session) ?? throw new LanException("TapNotFound", ErrorCategory.ObjectNotFound, $"There is no tap '{Tap.Name}' in this session.", "Get-VpnWsTap lists those that are there.");
        if (tap.Kind != TapKind.Loopback)
            throw new LanException("TapNotLoopback", ErrorCategory.InvalidArgument, $"The tap '{tap.Name}' belongs to the kernel.", "Use one end of New-VpnWsTap -Loopback.");
        if (tap.UsedBy is { } user)
            throw new LanException("TapInUse", ErrorCategory.ResourceBusy, $"This end of the pair, '{tap.Name}', is in use by '{user}'.", $"Use its other end, its Peer: '{tap.Peer!.Name}'.");
        return (tap, tap.Open ?? throw Closed(tap));
    }

    /// <summary>The tap is no more.</summary>
    private protected static LanException Closed(LanTap tap) =>
        new("TapClosed", ErrorCategory.ResourceUnavailable, $"The tap '{tap.Name}' is closed.", "Make a new one with New-VpnWsTap -Loopback.");
}
