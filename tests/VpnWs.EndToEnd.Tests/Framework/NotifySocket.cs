using System.Net.Sockets;
using System.Text;

namespace VpnWs.Tests.Framework;

/// <summary>The socket at which a service manager takes what sd_notify(3) sends.</summary>
internal sealed class NotifySocket : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly List<string> _messages = [];

    public NotifySocket(Scratch scratch, string name)
    {
        Path = scratch.PathOf(name);
        _socket.Bind(new UnixDomainSocketEndPoint(Path));
    }

    public string Path { get; }

    /// <summary>Everything that was sent so far, in order.</summary>
    public IReadOnlyList<string> Messages
    {
        get
        {
            var buffer = new byte[4096];
            while (_socket.Poll(TimeSpan.Zero, SelectMode.SelectRead)) _messages.Add(Encoding.UTF8.GetString(buffer, 0, _socket.Receive(buffer)));
            return _messages;
        }
    }

    public void WaitFor(string message, ProcessUnderTest from) =>
        Eventually.True($"'{message}' is notified", () => Messages.Any(said => said.Contains(message, StringComparison.Ordinal)), state: () => $"{string.Join(" / ", _messages)}\n{from}");

    public void Dispose() => _socket.Dispose();
}
