using System.Net.Sockets;
using VpnWs.Transport;

namespace VpnWs.Server;

/// <summary>The way over a socket of the server: the uwsgi protocol, one connection a request; where HTTP is spoken there, HTTP.</summary>
internal sealed class SocketControlChannel(ListenAddress address) : IControlChannel
{
    private const int FirstRead = 16 * 1024;
    private const int MaxAnswer = 64 * 1024 * 1024;
    private const int BadRequest = 400;
    private static readonly Uri AnyUri = new("http://localhost/");

    private HttpControlChannel? _http;

    public string Address => address.Text;

    /// <summary>Connects to an address.</summary>
    public static async Task<Socket> ConnectAsync(ListenAddress address, CancellationToken cancellationToken)
    {
        var socket = address.Path is null
            ? new Socket(SocketType.Stream, ProtocolType.Tcp)
            : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(address.EndPoint, cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public async Task<ControlResponse> AskAsync(string query, CancellationToken cancellationToken)
    {
        if (_http is null)
        {
            using var socket = await ConnectAsync(address, cancellationToken).ConfigureAwait(false);
            await socket.SendAsync(ControlRequest.Write(query), cancellationToken).ConfigureAwait(false);
            var answer = ControlResponse.Parse(await ReadToEndAsync(socket, cancellationToken).ConfigureAwait(false));
            if (answer.Status != BadRequest || answer.Body.Span.StartsWith("{"u8)) return answer;
            _http = new HttpControlChannel(AnyUri, null, true, address);
        }

        return await _http.AskAsync(query, cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => _http?.Dispose();

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
