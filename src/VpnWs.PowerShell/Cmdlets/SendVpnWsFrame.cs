using System.Management.Automation;
using VpnWs.Ethernet;
using VpnWs.Taps;

namespace VpnWs.PowerShell;

/// <summary>Sends Ethernet frames from one end of a loopback pair, as the station there would.</summary>
/// <example>
///   <para>Says hello to everyone on a LAN.</para>
///   <code>$server = Start-VpnWsServer -Http 127.0.0.1:0
/// $tap = New-VpnWsTap -Loopback
/// $null = Connect-VpnWs $server.Uri -Tap $tap
/// Send-VpnWsFrame -Tap $tap.Peer -Payload 'hello'</code>
/// </example>
/// <example>
///   <para>Sends a frame to one station, in a VLAN.</para>
///   <code>$tap = New-VpnWsTap -Loopback -Name station
/// Send-VpnWsFrame station-peer -Destination 02:00:00:00:00:02 -EtherType 0x88b5 -VlanId 7 -Payload 1, 2, 3</code>
/// </example>
/// <example>
///   <para>Passes on what comes from one station to another.</para>
///   <code>$one = New-VpnWsTap -Loopback
/// $two = New-VpnWsTap -Loopback
/// Send-VpnWsFrame $one -Payload 'pass me on'
/// Receive-VpnWsFrame $one.Peer | Send-VpnWsFrame $two</code>
/// </example>
[Cmdlet(VerbsCommunications.Send, "VpnWsFrame", DefaultParameterSetName = PartsSet, SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class SendVpnWsFrameCommand : FrameCmdlet
{
    private const string PartsSet = "Parts";
    private const string BytesSet = "Bytes";
    private const string ObjectSet = "Object";
    private const int ExperimentalEtherType = 0x88b5;
    private const int RetryMilliseconds = 5;

    /// <summary>Where the frame goes; by default to everyone.</summary>
    [Parameter(ParameterSetName = PartsSet)]
    public MacAddress Destination { get; set; } = MacAddress.Broadcast;

    /// <summary>Where it comes from; by default the address of the tap.</summary>
    [Parameter(ParameterSetName = PartsSet)]
    public MacAddress? Source { get; set; }

    /// <summary>What is in it: 0x0800 for IPv4, 0x0806 for ARP and so on; by default 0x88b5, which is for experiments.</summary>
    [Parameter(ParameterSetName = PartsSet)]
    [ValidateRange(0, ushort.MaxValue)]
    public int EtherType { get; set; } = ExperimentalEtherType;

    /// <summary>The number of the VLAN to tag it with; by default there is no tag.</summary>
    [Parameter(ParameterSetName = PartsSet)]
    [ValidateRange(0, 4095)]
    public int? VlanId { get; set; }

    /// <summary>What follows the header: bytes, or text that is sent as UTF-8.</summary>
    [Parameter(ParameterSetName = PartsSet)]
    [Payload]
    [AllowEmptyCollection]
    public byte[] Payload { get; set; } = [];

    /// <summary>A whole frame, from the destination address on, without FCS.</summary>
    [Parameter(Mandatory = true, ParameterSetName = BytesSet)]
    [ValidateCount(EthernetFrame.HeaderLength, EthernetFrame.MaxLength)]
    public byte[] Bytes { get; set; } = [];

    /// <summary>Frames, as Receive-VpnWsFrame gives them.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ObjectSet)]
    [ValidateNotNullOrEmpty]
    public LanFrame[] InputObject { get; set; } = [];

    private protected override void Process()
    {
        var (tap, end) = OwnEnd();
        foreach (var frame in Frames(end))
        {
            if (ShouldProcess(tap.Name, $"Send {frame}")) Send(tap, end, frame);
        }
    }

    private LanFrame[] Frames(ITap end)
    {
        try
        {
            return ParameterSetName switch
            {
                ObjectSet => InputObject,
                BytesSet => [new LanFrame(Bytes)],
                _ => [LanFrame.Build(Destination, Source ?? end.Address, EtherType, VlanId, Payload)],
            };
        }
        catch (ArgumentException e)
        {
            // The name of a parameter of a method that nobody here has called.
            var message = e.Message.Split(" (Parameter", 2)[0];
            throw new LanException("FrameInvalid", ErrorCategory.InvalidArgument, message, "Make the payload shorter.");
        }
    }

    private void Send(LanTap tap, ITap end, LanFrame frame)
    {
        while (true)
        {
            switch (end.Write(frame.Span))
            {
                case TapStatus.Done:
                    return;
                case TapStatus.WouldBlock:
                    if (StopToken.WaitHandle.WaitOne(RetryMilliseconds)) throw new PipelineStoppedException();
                    break;
                case TapStatus.Down:
                    throw new LanException("TapDown", ErrorCategory.ResourceUnavailable, $"The tap '{tap.Name}' is down.");
                case TapStatus.Gone:
                    throw Closed(tap);
                default:
                    throw new LanException("FrameRefused", ErrorCategory.InvalidData, $"The tap '{tap.Name}' does not take a frame of {frame.Length} bytes.");
            }
        }
    }
}
