using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace VpnWs.Tests.Framework;

/// <summary>A peer made by hand on a plain socket, which can do everything that a decent client never would.</summary>
internal sealed class RawWebSocket : IDisposable
{
    /// <summary>The key that RFC 6455 section 1.3 has for an example, and what it is to be answered with.</summary>
    public const string Key = "dGhlIHNhbXBsZSBub25jZQ==";

    public const string Accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly List<byte> _received = [];

    public RawWebSocket(Socket socket)
    {
        Socket = socket;
        socket.ReceiveTimeout = socket.SendTimeout = (int)Patience.TotalMilliseconds;
    }

    public Socket Socket { get; }

    /// <summary>Whether the other side is a client, which must mask; else a server, which must not.</summary>
    public bool PeerMasks { get; init; }

    /// <summary>The head that the other side sent.</summary>
    public string Head { get; private set; } = "";

    /// <summary>A connection to a uwsgi socket, with nothing said yet.</summary>
    public static RawWebSocket Connect(string socketPath)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(socketPath));
        return new RawWebSocket(socket);
    }

    /// <summary>A connection to an HTTP listener from within a namespace, with nothing said yet.</summary>
    public static RawWebSocket Connect(NetworkNamespace from, string address, int port)
    {
        var target = new IPEndPoint(IPAddress.Parse(address), port);
        var socket = from.Inside(() => new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        socket.NoDelay = true;
        socket.Connect(target);
        return new RawWebSocket(socket);
    }

    /// <summary>The variables that nginx would send for a client's upgrade request.</summary>
    public static IReadOnlyList<(string Key, string Value)> UwsgiVariables(string? macAddress = null, string remoteAddress = "192.0.2.1") =>
    [
        ("QUERY_STRING", ""),
        ("REQUEST_METHOD", "GET"),
        ("REQUEST_URI", "/vpn"),
        ("SERVER_PROTOCOL", "HTTP/1.1"),
        ("REMOTE_ADDR", remoteAddress),
        ("HTTP_HOST", "vpn.test"),
        ("HTTP_UPGRADE", "websocket"),
        ("HTTP_CONNECTION", "Upgrade"),
        ("HTTP_SEC_WEBSOCKET_KEY", Key),
        ("HTTP_SEC_WEBSOCKET_VERSION", "13"),
        .. macAddress is null ? Array.Empty<(string, string)>() : [("HTTP_X_VPN_WS_MAC", macAddress)],
    ];

    /// <summary>Joins over uwsgi, with more variables where given.</summary>
    public static RawWebSocket Join(string socketPath, string? macAddress = null, params IEnumerable<(string Key, string Value)> more)
    {
        var peer = Connect(socketPath);
        peer.Send(UwsgiPacket.Build(0, UwsgiVariables(macAddress).Concat(more)));
        return peer.ExpectUpgrade();
    }

    /// <summary>Joins over HTTP/1.1, with more header lines where given.</summary>
    public static RawWebSocket Join(NetworkNamespace from, string address, int port, params IEnumerable<string> headers)
    {
        var peer = Connect(from, address, port);
        peer.Send(HttpRequest(headers));
        return peer.ExpectUpgrade();
    }

    public static byte[] HttpRequest(params IEnumerable<string> headers)
    {
        string[] lines =
        [
            "GET /vpn HTTP/1.1", "Host: vpn.test", "Upgrade: websocket", "Connection: Upgrade",
            $"Sec-WebSocket-Key: {Key}", "Sec-WebSocket-Version: 13", .. headers, "", "",
        ];
        return Encoding.ASCII.GetBytes(string.Join("\r\n", lines));
    }

    /// <summary>Reads the head of the answer and wants it to be a proper 101.</summary>
    public RawWebSocket ExpectUpgrade()
    {
        Assert.StartsWith("HTTP/1.1 101 ", ReadHead(), StringComparison.Ordinal);
        Assert.Contains($"Sec-WebSocket-Accept: {Accept}", Head, StringComparison.OrdinalIgnoreCase);
        return this;
    }

    public string ReadHead()
    {
        int end;
        while ((end = Encoding.Latin1.GetString([.. _received]).IndexOf("\r\n\r\n", StringComparison.Ordinal)) < 0)
            Assert.True(Fill(), $"The connection ended within the head: {Encoding.Latin1.GetString([.. _received])}");
        Head = Encoding.Latin1.GetString([.. _received[..(end + 4)]]);
        _received.RemoveRange(0, end + 4);
        return Head;
    }

    public void Send(byte[] bytes)
    {
        for (var rest = bytes.AsSpan(); !rest.IsEmpty;) rest = rest[Socket.Send(rest)..];
    }

    public void Send(RawFrame frame) => Send(frame.ToBytes());

    public void SendBinary(byte[] ethernetFrame) => Send(new RawFrame(RawFrame.Binary, ethernetFrame));

    /// <summary>The next frame, or null at the end of the connection. None in time throws. Pings are answered.</summary>
    public RawFrame? Read()
    {
        var frame = ReadFrame();
        if (frame?.Opcode == RawFrame.Ping) Send(new RawFrame(RawFrame.Pong, frame.Payload) { Masked = !PeerMasks });
        return frame;
    }

    /// <summary>The next frame of one kind; others are passed over.</summary>
    public RawFrame ReadNext(int opcode)
    {
        while (Read() is { } frame)
        {
            if (frame.Opcode == opcode) return frame;
        }

        Assert.Fail($"The connection ended before a frame with opcode {opcode}.");
        return null;
    }

    /// <summary>Whether an Ethernet frame with this payload mark comes in before the given one, with which the reading ends.</summary>
    public bool ReceivesBefore(byte mark, byte endMark)
    {
        while (true)
        {
            var payload = ReadNext(RawFrame.Binary).Payload;
            if (payload[^1] == mark) return true;
            if (payload[^1] == endMark) return false;
        }
    }

    /// <summary>Reads and forgets whatever comes, until nothing came for a moment.</summary>
    public void Drain()
    {
        var block = new byte[256 * 1024];
        while (Socket.Poll(TimeSpan.FromMilliseconds(500), SelectMode.SelectRead) && Socket.Receive(block) > 0)
        {
        }

        _received.Clear();
    }

    /// <summary>Wants a close frame with this code, answers it, and wants the end of the connection.</summary>
    public void ExpectClose(int code)
    {
        ExpectCloseCode(code);
        try
        {
            Send(new RawFrame(RawFrame.Close, [(byte)(code >> 8), (byte)code]));
            Socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown or SocketError.NotConnected)
        {
            // It has gone without waiting for the answer.
        }

        ExpectEnd();
    }

    /// <summary>Wants a close frame with this code.</summary>
    public void ExpectCloseCode(int code) => Assert.Equal(code, ReadNext(RawFrame.Close).CloseCode);

    /// <summary>Wants the connection to end, in whatever way.</summary>
    public void ExpectEnd()
    {
        try
        {
            while (Fill()) _received.Clear();
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown)
        {
            // A connection with unread bytes in it ends with a reset: just as ended.
        }
    }

    public void Dispose() => Socket.Dispose();

    private RawFrame? ReadFrame()
    {
        if (!Need(2)) return null;
        var (first, length) = (_received[0], (long)(_received[1] & 0x7F));
        Assert.Equal(PeerMasks, (_received[1] & 0x80) != 0);
        var head = 2;
        if (length >= 126)
        {
            head += length == 126 ? 2 : 8;
            if (!Need(head)) return null;
            var bytes = new byte[8];
            _received[2..head].CopyTo(bytes, 10 - head);
            length = BinaryPrimitives.ReadInt64BigEndian(bytes);
        }

        var keyLength = PeerMasks ? 4 : 0;
        if (!Need(checked((int)(head + keyLength + length)))) return null;
        var key = _received[head..(head + keyLength)].ToArray();
        var payload = _received[(head + keyLength)..(head + keyLength + (int)length)].ToArray();
        for (var i = 0; PeerMasks && i < payload.Length; i++) payload[i] ^= key[i % 4];
        _received.RemoveRange(0, head + keyLength + (int)length);
        return new RawFrame(first & 0xF, payload) { Final = (first & 0x80) != 0, ReservedBits = (first >> 4) & 7, Masked = PeerMasks, MaskKey = key };
    }

    private bool Need(int count)
    {
        while (_received.Count < count)
        {
            if (!Fill()) return false;
        }

        return true;
    }

    private bool Fill()
    {
        var block = new byte[64 * 1024];
        var length = Socket.Receive(block);
        _received.AddRange(block.AsSpan(0, length));
        return length > 0;
    }
}
