using System.Runtime.InteropServices;

namespace VpnWs.Hosting;

/// <summary>
/// Turns SIGINT and SIGTERM into a request to stop; a second one ends the program at once with 128 and its number.
/// SIGHUP ends nothing: a daemon outlives the terminal that it was started from. It may be listened to.
/// So may SIGUSR1, by which operators ask what the program has done; systems without signals never raise it.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private const int LinuxUser1 = 10;
    private const int BsdUser1 = 30;

    private readonly CancellationTokenSource _source = new();
    private readonly Action<int> _exit;
    private readonly PosixSignalRegistration[] _registrations;
    private bool _asked;

    public StopSignals()
        : this(Environment.Exit)
    {
    }

    internal StopSignals(Action<int> exit)
    {
        _exit = exit;
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, 2)),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, 15)),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, HangUp),
            .. User1 is { } number ? [PosixSignalRegistration.Create((PosixSignal)number, Query)] : Array.Empty<PosixSignalRegistration>(),
        ];
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Raised by SIGHUP, on a thread of the pool.</summary>
    public event Action? HungUp;

    /// <summary>Raised by SIGUSR1, on a thread of the pool.</summary>
    public event Action? Queried;

    // Not one of those that .NET has names for, and its number is not the same everywhere.
    private static int? User1 =>
        OperatingSystem.IsLinux() ? LinuxUser1 : OperatingSystem.IsMacOS() || OperatingSystem.IsFreeBSD() ? BsdUser1 : null;

    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
        _source.Dispose();
    }

    private void HangUp(PosixSignalContext context)
    {
        context.Cancel = true;
        if (HungUp is { } hungUp) ThreadPool.QueueUserWorkItem(_ => hungUp());
    }

    private void Query(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Queried is { } queried) ThreadPool.QueueUserWorkItem(_ => queried());
    }

    private void Stop(PosixSignalContext context, int number)
    {
        context.Cancel = true;
        if (Interlocked.Exchange(ref _asked, true)) _exit(128 + number);
        else _source.Cancel();
    }
}
