using VpnWs.Ethernet;
using VpnWs.Switching;
using VpnWs.Taps;
using VpnWs.Transport;

namespace VpnWs.Client;

/// <summary>The thread that reads a client's tap for as long as the client lives: into the link while there is one, else to nowhere, so that nothing stale is sent later.</summary>
internal sealed class TapPump : IDisposable
{
    private const int WaitMilliseconds = 1000;

    private readonly TapHolder _tap;
    private readonly PortCounters _counters;
    private readonly Action<ClientEvent> _report;
    private readonly byte[] _waste = new byte[Frame.OffloadHeaderLength + PacketLayout.MaxFrameLength];
    private readonly Thread _thread;
    private readonly Lock _gate = new();
    private volatile ClientLink? _link;

    public TapPump(TapHolder tap, PortCounters counters, Action<ClientEvent> report)
    {
        _tap = tap;
        _counters = counters;
        _report = report;
        _thread = new Thread(Run) { IsBackground = true, Name = $"vpn-ws up {tap.Current.Name}" };
    }

    /// <summary>Where frames go now, or null.</summary>
    public ClientLink? Link
    {
        get => _link;
        set
        {
            // Once this has returned no frame is thrown away that a link could have taken.
            lock (_gate) _link = value;
            _tap.Current.Wake();
        }
    }

    /// <summary>Starts reading.</summary>
    public void Start() => _thread.Start();

    /// <inheritdoc/>
    public void Dispose()
    {
        _tap.Stop();
        if (_thread.IsAlive) _thread.Join();
    }

    private void Run()
    {
        while (!_tap.IsStopping)
        {
            var tap = _tap.Current;
            tap.Wait(WaitMilliseconds);
            var status = _link is { } link ? link.Pump(tap) : Discard(tap);
            if (status == TapStatus.Gone && !Reopen()) return;
        }
    }

    private TapStatus Discard(ITap tap)
    {
        // A tap that is never empty must not keep a new link, or the end, waiting.
        while (!_tap.IsStopping)
        {
            lock (_gate)
            {
                if (_link is not null) break;
                var status = tap.Read(_waste, out _);
                if (status != TapStatus.Done) return status;
            }

            _counters.CountDrop(DropReason.PortClosed);
        }

        return TapStatus.Done;
    }

    private bool Reopen()
    {
        if (_tap.IsStopping) return false;
        _report(new ClientTapLost(_tap.Current.Name) { IsReopened = _tap.CanReopen });
        if (!_tap.TryReopen(reason => _report(new ClientTapReopenFailed(_tap.Current.Name, reason)))) return false;
        _report(new ClientTapRestored(_tap.Current.Name));
        return true;
    }
}
