using System.Management.Automation;
using VpnWs.Ethernet;
using VpnWs.Taps;

namespace VpnWs.PowerShell;

/// <summary>Makes a tap: the end of an Ethernet link that Start-VpnWsServer and Connect-VpnWs put on a LAN.</summary>
/// <remarks>
/// <para>Without -Loopback the tap is an interface of the operating system (Linux), which takes root or CAP_NET_ADMIN. It lives until it is removed, the module is removed or the session ends.</para>
/// <para>With -Persistent the interface outlives the session. It is let go at once, so that programs of its owner can attach to it; Start-VpnWsServer and Connect-VpnWs of this session can as well.</para>
/// <para>With -Loopback it is one end of a link in memory, which takes no rights; the other end is its Peer. Scripts send and receive frames there with Send-VpnWsFrame and Receive-VpnWsFrame. Both ends have the same MAC address, that of the station which the far end stands for.</para>
/// </remarks>
/// <example>
///   <para>Makes an in-memory tap and sends a frame into it from its other end.</para>
///   <code>$tap = New-VpnWsTap -Loopback
/// Send-VpnWsFrame -Tap $tap.Peer -Payload 'hello'
/// Receive-VpnWsFrame -Tap $tap</code>
/// </example>
/// <example>
///   <para>Makes an interface with two addresses. Takes root.</para>
///   <code>New-VpnWsTap -Name vpn0 -IPAddress 10.0.0.1/24, fd00::1/64</code>
/// </example>
/// <example>
///   <para>Makes an interface and sets it up with a program; if that fails there is no interface. Takes root.</para>
///   <code>New-VpnWsTap -Name vpn1 -Exec { ip link set $_ up }</code>
/// </example>
[Cmdlet(VerbsCommon.New, "VpnWsTap", DefaultParameterSetName = KernelSet, SupportsShouldProcess = true)]
[OutputType(typeof(LanTap))]
public sealed class NewVpnWsTapCommand : LanCmdlet
{
    private const string KernelSet = "Kernel";
    private const string LoopbackSet = "Loopback";
    private const int DefaultMtu = 1500;

    private TapOptions _options = new() { Name = "vpn%d", Offload = true };

    /// <summary>The name: of the interface (at most 15 characters; vpn%d takes the first free number), or of this end of a loopback pair. By default vpn%d, or loop and the first free number.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Name
    {
        get => _options.Name;
        set => _options = _options with { Name = value };
    }

    /// <summary>The MTU in bytes; by default 1500.</summary>
    [Parameter]
    [ValidateRange(68, 65_521)]
    public int Mtu
    {
        get => _options.Mtu ?? DefaultMtu;
        set => _options = _options with { Mtu = value };
    }

    /// <summary>The MAC address, such as 02:00:00:00:00:01; by default a random one that is locally administered.</summary>
    [Parameter]
    public MacAddress MacAddress
    {
        get => _options.Address ?? default;
        set => _options = _options with { Address = value };
    }

    /// <summary>Addresses with their prefix lengths to give to the interface, which is then set up.</summary>
    [Parameter(ParameterSetName = KernelSet)]
    [ValidateNotNullOrEmpty]
    public InterfaceAddress[] IPAddress
    {
        get => [.. _options.IPAddresses];
        set => _options = _options with { IPAddresses = value };
    }

    /// <summary>The kernel bridge to put the interface into, which is then set up.</summary>
    [Parameter(ParameterSetName = KernelSet)]
    [ValidateNotNullOrEmpty]
    public string? Bridge
    {
        get => _options.Bridge;
        set => _options = _options with { Bridge = value };
    }

    /// <summary>Lets the interface outlive the session.</summary>
    [Parameter(ParameterSetName = KernelSet)]
    public SwitchParameter Persistent
    {
        get => _options.Persistent == true;
        set => _options = _options with { Persistent = value };
    }

    /// <summary>The user, by name or number, who may attach to the persistent interface without further rights; by default the one who makes it.</summary>
    [Parameter(ParameterSetName = KernelSet)]
    [ValidateNotNullOrEmpty]
    public string? Owner
    {
        get => _options.Owner;
        set => _options = _options with { Owner = value };
    }

    /// <summary>Opens the interface without super-frames and checksum offload.</summary>
    [Parameter(ParameterSetName = KernelSet)]
    public SwitchParameter NoOffload
    {
        get => !_options.Offload;
        set => _options = _options with { Offload = !value };
    }

    /// <summary>Makes a link in memory in place of an interface.</summary>
    [Parameter(ParameterSetName = LoopbackSet, Mandatory = true)]
    public SwitchParameter Loopback { get; set; }

    /// <summary>A script block to run once the tap is there. The tap is $_ and the first argument. Any error in it, or a program that fails, removes the tap and ends the cmdlet with that error. Its output goes to the information stream.</summary>
    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? Exec { get; set; }

    private protected override object? Target => Name;

    private protected override void Process()
    {
        if (Loopback && !MyInvocation.BoundParameters.ContainsKey(nameof(Name))) Name = Session.Taps.FreeName("loop");
        if (!ShouldProcess(Name, Loopback ? "Make a loopback pair" : "Make a tap")) return;
        if (Owner is not null && !Persistent)
            throw new LanException("OwnerWithoutPersistent", ErrorCategory.InvalidArgument, "-Owner is for a tap that outlives the session.", "Add -Persistent, or leave -Owner out.");
        if (Session.FindTap(Name) is not null) throw Failures.NameInUse("Tap", Name);
        if (_options.Address is { } address && (address.IsGroup || address.IsZero))
            throw new LanException("AddressInvalid", ErrorCategory.InvalidArgument, $"{address} is no address of a station.", "Give one whose first byte is even, such as 02:00:00:00:00:01.");
        // One that was there before is somebody else's: this cmdlet attaches to it and never deletes it.
        var existed = !Loopback && OperatingSystem.IsLinux() && LinuxTap.Exists(Name);
        var tap = Loopback ? LanTap.MakePair(Name, _options.Address, Mtu) : LanTap.Make(_options);
        try
        {
            if (Exec is not null) Execute(Exec, tap);
            if (tap.IsPersistent) tap.LetGo();
            if (!Session.Taps.TryAdd(tap)) throw Failures.NameInUse("Tap", tap.Name);
        }
        catch
        {
            if (existed) tap.Close();
            else tap.Delete();
            throw;
        }

        WriteObject(tap);
    }
}
