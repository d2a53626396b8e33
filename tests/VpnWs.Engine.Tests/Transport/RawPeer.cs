using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using VpnWs.Ethernet;
using VpnWs.Tests.WebSockets;
using VpnWs.Uwsgi;
using VpnWs.WebSockets;

namespace VpnWs.Tests.Transport;

/// <summary>A WebSocket frame as it came over the wire, unmasked.</summary>
internal sealed record RawFrame(Opcode Opcode, byte[] Payload, byte[] MaskKey)
{
    private const int WithoutCode = 1005;

    public bool IsMasked => MaskKey.Length > 0;

    /// <summary>The code of a close frame; 1005, as in RFC 6455 section 7.1.5, where it has none.</summary>
    public int CloseCode => Payload.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(Payload) : WithoutCode;
}

/// <summary>One end of a WebSocket, made by hand on a plain stream: it can do what no decent one would.</summary>
internal sealed class RawPeer(Stream stream, Socket socket) : IDisposable
{
    /// <summary>The key that RFC 6455 section 1.3 has for an example, and what it is to be answered with.</summary>
    public const string Key = "dGhlIHNhbXBsZSBub25jZQ==";

    public const string Accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    private byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;

    public RawPeer(Socket socket)
        : this(new NetworkStream(socket), socket)
    {
    }

    public Socket Socket => socket;

    /// <summary>The number by which the server knows the peer.</summary>
    public long Id { get; set; }

    /// <summary>The head that the other end sent.</summary>
    public string Head { get; private set; } = "";

    /// <summary>Connects and says nothing yet.</summary>
    public static async Task<RawPeer> Connect(EndPoint to, int? receiveBuffer = null)
    {
        var isUnix = to is UnixDomainSocketEndPoint;
        var socket = new Socket(to.AddressFamily, SocketType.Stream, isUnix ? ProtocolType.Unspecified : ProtocolType.Tcp);
        if (!isUnix) socket.NoDelay = true;
        if (receiveBuffer is { } size) socket.ReceiveBufferSize = size;
        await Eventually.Within("a connection is made", socket.ConnectAsync(to));
        return new RawPeer(socket);
    }

    /// <summary>The request of a client; a header given replaces the usual one of its name, or takes it out where it has no value.</summary>
    public static byte[] HttpHead(MacAddress? mac = null, params ReadOnlySpan<string> headers)
    {
        var fields = new Dictionary<string, string>
        {
            ["Host"] = "vpn.test",
            ["Upgrade"] = "websocket",
            ["Connection"] = "Upgrade",
            ["Sec-WebSocket-Key"] = Key,
            ["Sec-WebSocket-Version"] = "13",
        };
        if (mac is { } declared) fields["X-vpn-ws-MAC"] = declared.ToString();
        foreach (var header in headers)
        {
            var colon = header.IndexOf(':', StringComparison.Ordinal);
            fields[header[..colon]] = header[(colon + 1)..].Trim();
        }

        var lines = fields.Where(static field => field.Value.Length > 0).Select(static field => $"{field.Key}: {field.Value}\r\n");
        return Encoding.ASCII.GetBytes($"GET /vpn HTTP/1.1\r\n{string.Concat(lines)}\r\n");
    }

    /// <summary>What a web server sends for such a request.</summary>
    public static byte[] UwsgiHead(MacAddress? mac = null, params IEnumerable<KeyValuePair<string, string>> more)
    {
        var variables = new Dictionary<string, string>
        {
            ["REQUEST_METHOD"] = "GET",
            ["REQUEST_URI"] = "/vpn",
            ["QUERY_STRING"] = "",
            ["REMOTE_ADDR"] = "192.0.2.1",
            ["HTTP_SEC_WEBSOCKET_KEY"] = Key,
            ["HTTP_SEC_WEBSOCKET_VERSION"] = "13",
        };
        if (mac is { } declared) variables["HTTP_X_VPN_WS_MAC"] = declared.ToString();
        foreach (var (key, value) in more) variables[key] = value;
        return UwsgiPacket.Write(UwsgiPacket.DataPlane, variables);
    }

    public Task Send(params byte[][] parts) => Eventually.Within("bytes are sent", stream.WriteAsync(parts.SelectMany(static part => part).ToArray()).AsTask());

    /// <summary>Sends one masked binary message.</summary>
    public Task SendFrame(byte[] frame) => Send(Wire.Masked(Opcode.Binary, frame));

    /// <summary>Sends one masked binary message with an offload header before the frame.</summary>
    public Task SendFrame(byte[] header, byte[] frame) => SendFrame([.. header, .. frame]);

    /// <summary>Reads the other end's head.</summary>
    public async Task<string> ReadHead()
    {
        int end;
        while ((end = Received.IndexOf("\r\n\r\n"u8)) < 0)
            Assert.True(await Fill() > 0, $"The connection ended within the head: {Encoding.Latin1.GetString(Received)}");
        Head = Encoding.Latin1.GetString(Received[..(end + 4)]);
        _start += end + 4;
        return Head;
    }

    public async Task ExpectUpgrade()
    {
        Assert.StartsWith("HTTP/1.1 101 ", await ReadHead(), StringComparison.Ordinal);
        Assert.Contains($"Sec-WebSocket-Accept: {Accept}\r\n", Head, StringComparison.Ordinal);
    }

    /// <summary>The value of a field in the head, or null.</summary>
    public string? Field(string name) => Head.Split("\r\n")
        .FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();

    /// <summary>Everything until the connection ends.</summary>
    public async Task<string> ReadToEnd()
    {
        while (await Fill() > 0)
        {
        }

        return Encoding.Latin1.GetString(Received);
    }

    /// <summary>One receive, as large as it comes.</summary>
    public async Task<byte[]> ReadOnce()
    {
        Assert.True(Received.IsEmpty);
        await Fill();
        var bytes = Received.ToArray();
        _start = _end;
        return bytes;
    }

    /// <summary>The next frame, or null at the end of the connection.</summary>
    public async Task<RawFrame?> Read()
    {
        if (!await Need(2)) return null;
        var opcode = Received[0];
        Assert.Equal(0x80, opcode & 0xf0);
        var isMasked = (Received[1] & 0x80) != 0;
        var length = Received[1] & 0x7f;
        var head = 2;
        if (length >= 126)
        {
            head += length == 126 ? 2 : 8;
            if (!await Need(head)) return null;
            length = head == 4 ? BinaryPrimitives.ReadUInt16BigEndian(Received[2..]) : checked((int)BinaryPrimitives.ReadUInt64BigEndian(Received[2..]));
        }

        var payloadAt = head + (isMasked ? 4 : 0);
        if (!await Need(payloadAt + length)) return null;
        var payload = Received.Slice(payloadAt, length).ToArray();
        var key = Received[head..payloadAt].ToArray();
        for (var i = 0; isMasked && i < length; i++) payload[i] ^= key[i % 4];
        _start += payloadAt + length;
        return new RawFrame((Opcode)(opcode & 0xf), payload, key);
    }

    /// <summary>The next frame of one kind; others are passed over.</summary>
    public async Task<RawFrame> Next(Opcode opcode)
    {
        while (await Read() is { } frame)
        {
            if (frame.Opcode == opcode) return frame;
        }

        Assert.Fail($"The connection ended before a {opcode}.");
        return null;
    }

    /// <summary>Wants the next message to be this frame.</summary>
    public async Task Expect(byte[] frame) => Assert.Equal(frame, (await Next(Opcode.Binary)).Payload);

    /// <summary>Wants a close frame with this code and then the end of the connection, once the close is answered and no more will come from here.</summary>
    public async Task ExpectClose(int code)
    {
        Assert.Equal(code, (await Next(Opcode.Close)).CloseCode);
        await Send(Wire.Masked(Opcode.Close, "03e8"));
        socket.Shutdown(SocketShutdown.Send);
        await ExpectEnd();
    }

    /// <summary>Wants the connection to end, by its end or by a reset.</summary>
    public async Task ExpectEnd()
    {
        try
        {
            while (await Fill() > 0) _start = _end;
        }
        catch (IOException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.Shutdown })
        {
            // Unread bytes at the other end make it a reset: just as ended.
        }
    }

    public void Dispose()
    {
        stream.Dispose();
        socket.Dispose();
    }

    private Span<byte> Received => _buffer.AsSpan(_start, _end - _start);

    private async Task<bool> Need(int count)
    {
        while (_end - _start < count)
        {
            if (await Fill() == 0) return false;
        }

        return true;
    }

    private async Task<int> Fill()
    {
        if (_start > 0)
        {
            Received.CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length) Array.Resize(ref _buffer, 2 * _buffer.Length);
        var count = await Eventually.Within("something is received", stream.ReadAsync(_buffer.AsMemory(_end)).AsTask());
        _end += count;
        return count;
    }
}
