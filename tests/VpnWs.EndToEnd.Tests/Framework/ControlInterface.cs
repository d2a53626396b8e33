using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace VpnWs.Tests.Framework;

/// <summary>The JSON control interface behind modifier1 1 of a uwsgi socket.</summary>
internal sealed class ControlInterface(string socketPath)
{
    /// <summary>The peers with a WebSocket connection; a tap of the server's own, which the C server lists too, is left out.</summary>
    public IReadOnlyList<ControlPeer> Peers =>
        [.. Ask("").Body.GetProperty("peers").EnumerateArray().Select(peer => new ControlPeer(peer)).Where(peer => peer.RemoteAddress.Length > 0)];

    /// <summary>The numbers of those peers, in order: whoever left and came back has another one.</summary>
    public IReadOnlyList<long> PeerIds => [.. Peers.Select(peer => peer.Id).Order()];

    public (string Head, JsonElement Body) Ask(string query)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = 5000 };
        socket.Connect(new UnixDomainSocketEndPoint(socketPath));
        socket.Send(UwsgiPacket.Build(1, ("REQUEST_METHOD", "GET"), ("QUERY_STRING", query)));
        return Split(ReadToEnd(socket));
    }

    /// <summary>Parts an HTTP answer into its head and its JSON.</summary>
    public static (string Head, JsonElement Body) Split(string answer)
    {
        var end = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        Assert.True(end >= 0, $"No end of head in: {answer}");
        return (answer[..end], JsonDocument.Parse(answer[(end + 4)..]).RootElement);
    }

    public void WaitForPeers(int count, TimeSpan? deadline = null) =>
        Eventually.Equal($"the server has {count} peers", count, () => CountPeers() ?? -1, deadline);

    public ControlPeer PeerWith(string macAddress) =>
        Assert.Single(Peers, peer => peer.MacAddress.Equals(macAddress, StringComparison.OrdinalIgnoreCase));

    /// <summary>The number of peers, or null while nobody answers.</summary>
    public int? CountPeers()
    {
        try
        {
            return Peers.Count;
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return null;
        }
    }

    private static string ReadToEnd(Socket socket)
    {
        using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}

/// <summary>A peer as the control interface shows it.</summary>
internal sealed class ControlPeer(JsonElement json)
{
    public JsonElement Json => json;

    public long Id => json.GetProperty("id").GetInt64();

    public string MacAddress => json.GetProperty("MAC").GetString()!;

    public string RemoteAddress => json.GetProperty("REMOTE_ADDR").GetString()!;

    public string RemoteUser => json.GetProperty("REMOTE_USER").GetString()!;

    public string DistinguishedName => json.GetProperty("DN").GetString()!;

    /// <summary>Whether super-frames travel on its connection; the C server knows nothing of them.</summary>
    public bool HasOffload => json.TryGetProperty("offload", out var offload) && offload.GetBoolean();

    public bool IsBridge => json.GetProperty("bridge").GetInt32() == 1;
}
