using System.Diagnostics;
using System.Management.Automation;
using VpnWs.Ethernet;
using VpnWs.Taps;

namespace VpnWs.PowerShell;

/// <summary>Receives Ethernet frames at one end of a loopback pair, as the station there would.</summary>
/// <remarks><para>It waits until that many frames have come, or Ctrl+C, or the end of -TimeoutSec; what has come until then is given. Where nothing comes in time nothing is given, and that is no error.</para></remarks>
/// <example>
///   <para>Receives a frame that the other end sent.</para>
///   <code>$tap = New-VpnWsTap -Loopback
/// Send-VpnWsFrame $tap -Payload 'hello'
/// (Receive-VpnWsFrame $tap.Peer).Text</code>
/// </example>
/// <example>
///   <para>Shows all that comes within two seconds.</para>
///   <code>$tap = New-VpnWsTap -Loopback
/// Receive-VpnWsFrame $tap.Peer -Count 1000 -TimeoutSec 2</code>
/// </example>
[Cmdlet(VerbsCommunications.Receive, "VpnWsFrame")]
[OutputType(typeof(LanFrame))]
public sealed class ReceiveVpnWsFrameCommand : FrameCmdlet
{
    private const double Day = 86_400;
    private const int MaxWaitMilliseconds = 1000;

    /// <summary>How many frames to receive; by default 1.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Count { get; set; } = 1;

    /// <summary>How many seconds to wait at most; by default there is no end.</summary>
    [Parameter]
    [ValidateRange(0.0, Day)]
    public double? TimeoutSec { get; set; }

    private protected override void Process()
    {
        var (tap, end) = OwnEnd();
        using var wake = StopToken.Register(end.Wake);
        var elapsed = Stopwatch.StartNew();
        var buffer = new byte[EthernetFrame.MaxLength];
        for (var received = 0; received < Count;)
        {
            if (StopToken.IsCancellationRequested) throw new PipelineStoppedException();
            switch (end.Read(buffer, out var length))
            {
                case TapStatus.Done:
                    received++;
                    WriteObject(new LanFrame(buffer[..length]));
                    break;
                case TapStatus.Gone:
                    throw Closed(tap);
                default:
                    var left = TimeoutSec is { } seconds ? (seconds * 1000) - elapsed.ElapsedMilliseconds : MaxWaitMilliseconds;
                    if (left <= 0) return;
                    end.Wait((int)Math.Min(Math.Ceiling(left), MaxWaitMilliseconds));
                    break;
            }
        }
    }
}
