using System.Net.Sockets;
using VpnWs.Transport;

namespace VpnWs.Server;

/// <summary>The way over a server's uwsgi address: one connection a request, which the server ends.</summary>
internal sealed class UwsgiControlChannel(ListenAddress address) : IControlChannel
{
    private const int FirstRead = 16 * 1024;
    private const int MaxAnswer = 64 * 1024 * 1024;

    public string Address => address.Text;

    public async Task<ControlResponse> AskAsync(long? kill, CancellationToken cancellationToken)
    {
        using var socket = address.Path is null
            ? new Socket(SocketType.Stream, ProtocolType.Tcp)
            : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(address.EndPoint, cancellationToken).ConfigureAwait(false);
        await socket.SendAsync(kill is { } id ? ControlRequest.Kill(id) : ControlRequest.List(), cancellationToken).ConfigureAwait(false);
        return ControlResponse.Parse(await ReadToEndAsync(socket, cancellationToken).ConfigureAwait(false));
    }

    public void Dispose()
    {
        // Nothing is kept between requests.
    }

    private static async Task<ReadOnlyMemory<byte>> ReadToEndAsync(Socket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte[FirstRead];
        var length = 0;
        while (await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken).ConfigureAwait(false) is > 0 and var received)
        {
            length += received;
            if (length == MaxAnswer) throw new InvalidDataException("The answer is too long.");
            if (length == buffer.Length) Array.Resize(ref buffer, Math.Min(2 * length, MaxAnswer));
        }

        return buffer.AsMemory(0, length);
    }
}
