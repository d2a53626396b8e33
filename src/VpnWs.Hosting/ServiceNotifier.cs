using System.Globalization;
using System.Net.Sockets;

namespace VpnWs.Hosting;

/// <summary>Tells the service manager how the program is doing (sd_notify(3)) and keeps its watchdog content (sd_watchdog_enabled(3)); where there is none, nothing.</summary>
internal sealed class ServiceNotifier : IDisposable
{
    private const string SocketVariable = "NOTIFY_SOCKET";
    private const string WatchdogVariable = "WATCHDOG_USEC";
    private const string WatchdogProcessVariable = "WATCHDOG_PID";

    private readonly Lock _gate = new();
    private readonly Socket? _socket;
    private readonly Timer? _watchdog;
    private string _status = "";

    private ServiceNotifier(string? address, TimeSpan? watchdog)
    {
        _socket = address is null ? null : Open(address);
        // A timer of the pool: where the pool is stuck the frames are too, and the watchdog is right to bite.
        if (_socket is not null && watchdog is { } limit) _watchdog = new Timer(_ => Send("WATCHDOG=1"), null, TimeSpan.Zero, limit / 2);
    }

    /// <summary>Whether somebody listens.</summary>
    public bool IsActive => _socket is not null;

    /// <summary>Takes the manager's variables out of the environment, so that commands that the program runs do not speak for it.</summary>
    public static ServiceNotifier FromEnvironment()
    {
        var (address, limit, process) = (Take(SocketVariable), Take(WatchdogVariable), Take(WatchdogProcessVariable));
        var isForUs = process is null || process == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        var microseconds = isForUs && long.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : 0;
        return new ServiceNotifier(address, microseconds > 0 ? TimeSpan.FromMicroseconds(microseconds) : null);
    }

    /// <summary>The start is done.</summary>
    public void Ready() => Send("READY=1");

    /// <summary>The end has begun.</summary>
    public void Stopping() => Send("STOPPING=1");

    /// <summary>Says in a line how things are; the same line is not sent twice.</summary>
    public void Status(string sentence)
    {
        lock (_gate)
        {
            if (_socket is null || sentence == _status) return;
            _status = sentence;
        }

        Send($"STATUS={OneLine.Of(sentence)}");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _watchdog?.Dispose();
        lock (_gate) _socket?.Dispose();
    }

    private static string? Take(string variable)
    {
        var value = Environment.GetEnvironmentVariable(variable);
        Environment.SetEnvironmentVariable(variable, null);
        return string.IsNullOrEmpty(value) ? null : value;
    }

    private static Socket? Open(string address)
    {
        // An abstract socket's name begins with a zero byte, which is written as @.
        var path = address[0] == '@' ? "\0" + address[1..] : address;
        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return socket;
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            // Nobody there to tell; the program works without.
            socket.Dispose();
            return null;
        }
    }

    private void Send(string state)
    {
        lock (_gate)
        {
            try
            {
                _socket?.Send(System.Text.Encoding.UTF8.GetBytes(state));
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The manager restarts, or we have ended.
            }
        }
    }
}
