using System.Runtime.InteropServices;

namespace VpnWs.Hosting;

/// <summary>
/// Turns SIGINT and SIGTERM into a request to stop; a second one ends the program at once with 128 and its number.
/// SIGHUP does nothing: a daemon outlives the terminal that it was started from.
/// </summary>
internal sealed class StopSignals : IDisposable
{
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
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => context.Cancel = true),
        ];
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
        _source.Dispose();
    }

    private void Stop(PosixSignalContext context, int number)
    {
        context.Cancel = true;
        if (Interlocked.Exchange(ref _asked, true)) _exit(128 + number);
        else _source.Cancel();
    }
}
