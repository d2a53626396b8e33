using VpnWs.Taps;

namespace VpnWs.Transport;

/// <summary>The tap that a server or a client works with. One that was deleted is opened anew, as often and as long as it takes.</summary>
/// <param name="tap">The tap at the start.</param>
/// <param name="open">Makes it anew; null where it is somebody else's, who then has to.</param>
internal sealed class TapHolder(ITap tap, Func<ITap>? open) : IDisposable
{
    private const int FirstPause = 250;
    private const int MaxPause = 10_000;

    private readonly ManualResetEvent _reopenPause = new(false);
    private volatile ITap _tap = tap;
    private volatile bool _stopping;

    /// <summary>The tap as it is now.</summary>
    public ITap Current => _tap;

    /// <summary>Whether a tap that is lost can be opened again here; not where it is somebody else's.</summary>
    public bool CanReopen => open is not null;

    /// <summary>Takes the tap that is there already, or makes one.</summary>
    /// <param name="existing">A tap that is somebody else's; it goes before <paramref name="wanted"/>.</param>
    /// <param name="wanted">How to make one; null for none.</param>
    /// <param name="offload">Whether the one that is made shall have offload.</param>
    /// <returns>Null where there is neither.</returns>
    /// <exception cref="TapException">It cannot be made.</exception>
    public static TapHolder? Open(ITap? existing, TapOptions? wanted, bool offload)
    {
        if (existing is not null) return new TapHolder(existing, null);
        if (wanted is null) return null;
        var made = TapFactory.Open(wanted with { Offload = offload });
        // A pattern such as vpn%d has become a name by now, and neighbours know the address.
        var again = wanted with { Offload = offload, Name = made.Name, Address = made.Address };
        return new TapHolder(made, () => TapFactory.Open(again));
    }

    /// <summary>Whether <see cref="Stop"/> was called.</summary>
    public bool IsStopping => _stopping;

    /// <summary>Opens the tap again; waits between the attempts. Called by the thread that reads the tap.</summary>
    /// <param name="failed">Told why the first attempt failed, where it did.</param>
    /// <returns>False when it is not ours to open, or when <see cref="Stop"/> was called.</returns>
    public bool TryReopen(Action<string>? failed = null)
    {
        var lost = _tap;
        if (open is null) return false;
        lost.Dispose();
        for (var pause = FirstPause; !_stopping; pause = Math.Min(pause * 2, MaxPause))
        {
            try
            {
                _tap = open();
                return true;
            }
            catch (Exception e) when (e is TapException or IOException or UnauthorizedAccessException)
            {
                failed?.Invoke(e.Message);
                failed = null;
                _reopenPause.WaitOne(pause);
            }
        }

        return false;
    }

    /// <summary>Wakes whoever waits for the tap and ends attempts to open it.</summary>
    public void Stop()
    {
        _stopping = true;
        _reopenPause.Set();
        _tap.Wake();
    }

    /// <summary>Disposes the tap if it is ours.</summary>
    public void Dispose()
    {
        Stop();
        if (open is not null) _tap.Dispose();
        _reopenPause.Dispose();
    }
}
