using System.Text;
using FsCheck.Fluent;
using VpnWs.Http;
using VpnWs.WebSockets;

namespace VpnWs.Tests.Http;

public sealed class HttpRequestHeadTests
{
    private const int MaxLength = 16_384;

    private const string Browser =
        "GET /lan?room=1&x=%20 HTTP/1.1\r\nHost: vpn.example:8080\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
        + "Origin: https://page.example\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        + "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\nSec-WebSocket-Protocol: a, vpn-ws.offload.v1\r\n"
        + "Authorization: Basic Zm9vOmJhcg==\r\nX-vpn-ws-MAC: 02:00:00:00:00:01\r\nX-vpn-ws-bridge: on\r\n\r\n";

    [Fact]
    public void A_whole_head_is_read()
    {
        var request = Complete(Browser);

        Assert.Equal("GET", request.Method);
        Assert.Equal("/lan", request.Path);
        Assert.Equal("room=1&x=%20", request.Query);
        Assert.True(request.WantsUpgrade);
        Assert.Equal("dGhlIHNhbXBsZSBub25jZQ==", request.Key);
        Assert.Equal("13", request.Version);
        Assert.False(request.IsClassic);
        Assert.Equal(["a", "vpn-ws.offload.v1"], request.Protocols);
        Assert.Equal("https://page.example", request.Origin);
        Assert.Equal("Basic Zm9vOmJhcg==", request.Authorization);
        Assert.Equal("02:00:00:00:00:01", request.DeclaredMac);
        Assert.True(request.WantsBridge);
    }

    [Fact]
    public void The_C_programs_head_is_classic()
    {
        var request = Complete(
            "GET /vpn HTTP/1.1\r\nHost: example\r\nAuthorization: Basic Zm9vOmJhcg==\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: Z0bbe8v/4dRb2g==\r\nX-vpn-ws-MAC: 9a:bc:de:f0:12:34\r\nX-vpn-ws-bridge: on\r\n\r\n");

        Assert.True(request.IsClassic);
        Assert.True(request.WantsUpgrade);
        Assert.True(request.WantsBridge);
    }

    [Fact]
    public void What_a_proxy_alone_may_say_is_not_believed()
    {
        var request = Complete(Head("REMOTE_USER: root", "REMOTE-USER: root", "HTTPS_DN: CN=root", "DN: CN=root", "REMOTE_ADDR: ::1", "X-Forwarded-For: ::1"));

        Assert.Equal(0, request.Modifier1);
        Assert.Null(request.RemoteUser);
        Assert.Null(request.DistinguishedName);
        Assert.Null(request.RemoteAddress);
    }

    [Fact]
    public void Bytes_after_the_head_are_left_alone()
    {
        var head = Encoding.ASCII.GetBytes(Browser);
        byte[] input = [.. head, 0x82, 0x80, 1, 2, 3, 4, .. "\r\n\r\n"u8];

        Assert.Equal(HeadParseStatus.Complete, HttpRequestHead.TryParse(input, MaxLength, out var request, out var consumed, out _));
        Assert.Equal(head.Length, consumed);
        Assert.NotNull(request);
    }

    [Theory]
    [InlineData("/", "/", "")]
    [InlineData("/a/b?", "/a/b", "")]
    [InlineData("/a?b?c=/d", "/a", "b?c=/d")]
    [InlineData("//double", "//double", "")]
    [InlineData("http://host:80/a?b", "/a", "b")]
    [InlineData("WS://host", "/", "")]
    [InlineData("wss://host?kill=1", "/", "kill=1")]
    [InlineData("https://[::1]:8443/x", "/x", "")]
    public void Targets_in_origin_and_absolute_form_are_split(string target, string path, string query)
    {
        var request = Complete($"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n");

        Assert.Equal(path, request.Path);
        Assert.Equal(query, request.Query);
    }

    [Theory]
    [InlineData("Connection: Upgrade", "Upgrade: websocket", true)]
    [InlineData("connection:UPGRADE", "UPGRADE:\t WebSocket \t", true)]
    [InlineData("Connection: keep-alive,, uPgRaDe ,", "Upgrade: h2c, websocket", true)]
    [InlineData("Connection: close\r\nConnection: upgrade", "Upgrade: h2c\r\nUpgrade: websocket", true)]
    [InlineData("Connection: upgrade\r\nConnection: close", "Upgrade: websocket\r\nUpgrade: h2c", true)]
    [InlineData("Connection: keep-alive", "Upgrade: websocket", false)]
    [InlineData("Connection: Upgrade", "Upgrade: h2c", false)]
    [InlineData("Connection: upgraded", "Upgrade: websocket", false)]
    [InlineData("Connection: Upgrade", "Upgrade: websockets", false)]
    [InlineData("Connection: Upgrade", "X-Upgrade: websocket", false)]
    [InlineData("X: Connection: Upgrade", "Upgrade: websocket", false)]
    public void An_upgrade_takes_both_headers(string connection, string upgrade, bool wanted) =>
        Assert.Equal(wanted, Complete($"GET / HTTP/1.1\r\nHost: x\r\n{connection}\r\n{upgrade}\r\n\r\n").WantsUpgrade);

    [Theory]
    [InlineData("on", true)]
    [InlineData("ON", true)]
    [InlineData("off", false)]
    [InlineData("1", false)]
    [InlineData("", false)]
    public void A_bridge_is_asked_for_with_on(string value, bool wanted) =>
        Assert.Equal(wanted, Complete(Head($"X-vpn-ws-bridge: {value}")).WantsBridge);

    [Fact]
    public void Subprotocols_are_gathered_from_all_lines_in_order() =>
        Assert.Equal(["b", "a", "c"], Complete(Head("Sec-WebSocket-Protocol: b, a,", "X: y", "sec-websocket-protocol: ,c")).Protocols);

    [Theory]
    [InlineData("Sec-WebSocket-Version:", "")]
    [InlineData("Sec-WebSocket-Version: 13 ", "13")]
    [InlineData("X: y", null)]
    public void A_header_that_is_there_is_not_null(string line, string? version) => Assert.Equal(version, Complete(Head(line)).Version);

    [Theory]
    [InlineData("Content-Length: 0")]
    [InlineData("X-Any: a\tb \u00e9")]
    [InlineData("X-Empty:")]
    [InlineData("!#$%&'*+-.^_`|~09azAZ: x")]
    public void Harmless_lines_are_passed_over(string line) => Assert.Equal("/", Complete(Head(line)).Path);

    [Fact]
    public void One_empty_line_before_the_request_is_overlooked()
    {
        var text = "\r\n" + Head();
        Assert.Equal("/", Complete(text).Path);
        Refused("\r\n\r\n" + Head(), 400);
        Assert.Equal(HeadParseStatus.NeedMoreData, Parse("\r").Status);
        Assert.Equal(HeadParseStatus.NeedMoreData, Parse("\r\n").Status);
    }

    [Theory]
    [InlineData("POST / HTTP/1.1", 405)]
    [InlineData("HEAD / HTTP/1.1", 405)]
    [InlineData("get / HTTP/1.1", 405)]
    [InlineData("OPTIONS * HTTP/1.1", 405)]
    [InlineData("CONNECT host:80 HTTP/1.1", 405)]
    [InlineData("GET / HTTP/1.0", 505)]
    [InlineData("GET / HTTP/2.0", 505)]
    [InlineData("PRI * HTTP/2.0", 505)]
    [InlineData("GET / http/1.1", 400)]
    [InlineData("GET / HTTP/1.1 ", 400)]
    [InlineData("GET / HTTP/11", 400)]
    [InlineData("GET / HTTP/1.10", 400)]
    [InlineData("GET /", 400)]
    [InlineData("GET", 400)]
    [InlineData("GET HTTP/1.1", 400)]
    [InlineData("GET  HTTP/1.1", 400)]
    [InlineData(" GET / HTTP/1.1", 400)]
    [InlineData("GET  / HTTP/1.1", 400)]
    [InlineData("GET /  HTTP/1.1", 400)]
    [InlineData("GET /a b HTTP/1.1", 400)]
    [InlineData("GET /a\tb HTTP/1.1", 400)]
    [InlineData("GET /a#b HTTP/1.1", 400)]
    [InlineData("GET * HTTP/1.1", 400)]
    [InlineData("GET path HTTP/1.1", 400)]
    [InlineData("GET ftp://host/ HTTP/1.1", 400)]
    [InlineData("GET http:///path HTTP/1.1", 400)]
    [InlineData("GET http://?q HTTP/1.1", 400)]
    [InlineData("GET http:// HTTP/1.1", 400)]
    [InlineData("G(T / HTTP/1.1", 400)]
    [InlineData("EHLO mail.example", 400)]
    [InlineData("SSH-2.0-OpenSSH_9.2", 400)]
    public void A_wrong_request_line_is_refused_as_soon_as_it_is_whole(string line, int status)
    {
        Refused(line + "\r\nHost: x\r\n\r\n", status);
        Refused(line + "\r\n", status);
    }

    [Theory]
    [InlineData("No colon")]
    [InlineData(": no name")]
    [InlineData("Name : x")]
    [InlineData("N\u00e4me: x")]
    [InlineData("(Name): x")]
    [InlineData("X: y\r\n folded")]
    [InlineData("X: y\r\n\tfolded: z")]
    [InlineData(" Leading: x")]
    [InlineData("X: a\0b")]
    [InlineData("X: a\rb")]
    [InlineData("X: a\nY: b")]
    [InlineData("X: a\u007fb")]
    [InlineData("X: a\u001bb")]
    [InlineData("Host: y")]
    [InlineData("Sec-WebSocket-Key: a\r\nSec-WebSocket-Key: a")]
    [InlineData("Sec-WebSocket-Version: 13\r\nsec-websocket-version: 13")]
    [InlineData("Authorization: a\r\nAuthorization: b")]
    [InlineData("Origin: a\r\nOrigin: b")]
    [InlineData("X-vpn-ws-MAC: a\r\nX-vpn-ws-MAC: b")]
    [InlineData("X-vpn-ws-bridge: off\r\nX-vpn-ws-bridge: on")]
    [InlineData("Content-Length: 1")]
    [InlineData("Content-Length:")]
    [InlineData("Content-Length: -0")]
    [InlineData("Content-Length: 0, 0")]
    [InlineData("Transfer-Encoding: chunked")]
    [InlineData("transfer-encoding:")]
    public void A_wrong_header_line_is_refused(string line) => Refused(Head(line), 400);

    [Theory]
    [InlineData("")]
    [InlineData("X: y\r\n")]
    [InlineData("Host: a b\r\n")]
    [InlineData("Host: a/b\r\n")]
    [InlineData("Host: user@a\r\n")]
    public void A_head_without_a_host_is_refused(string lines) => Refused($"GET / HTTP/1.1\r\n{lines}\r\n", 400);

    [Theory]
    [InlineData(new byte[] { 0x16 })] // a TLS ClientHello
    [InlineData(new byte[] { 0x00, 0x10, 0x01, 0x00 })] // a uwsgi packet
    [InlineData(new byte[] { 0x80, 0x2e, 0x01 })] // SSL 2
    [InlineData(new byte[] { (byte)' ' })]
    [InlineData(new byte[] { (byte)'\n' })]
    [InlineData(new byte[] { (byte)'G', (byte)'E', 0 })]
    [InlineData(new byte[] { (byte)'{', (byte)'"' })]
    public void What_is_not_HTTP_is_told_from_its_first_bytes(byte[] input)
    {
        Assert.Equal(HeadParseStatus.Malformed, HttpRequestHead.TryParse(input, MaxLength, out _, out _, out var error));
        Assert.Equal(400, error!.Status);
    }

    [Fact]
    public void A_stream_of_letters_is_told_from_a_method_after_32()
    {
        Assert.Equal(HeadParseStatus.NeedMoreData, Parse(new string('A', 32)).Status);
        Assert.Equal(HeadParseStatus.Malformed, Parse(new string('A', 33)).Status);
    }

    [Fact]
    public void A_line_break_without_its_return_is_not_waited_upon() => Refused("GET / HTTP/1.1\nHost: x", 400);

    [Fact]
    public void A_head_may_be_as_long_as_the_bound_and_no_longer()
    {
        var head = Head("X: ");
        string Padded(int length) => Head("X: " + new string('a', length - head.Length));

        Assert.Equal(HeadParseStatus.Complete, Parse(Padded(MaxLength)).Status);
        Assert.Equal(HeadParseStatus.NeedMoreData, Parse(Padded(MaxLength)[..^1]).Status);
        var (status, error) = Parse(Padded(MaxLength + 1));
        Assert.Equal(HeadParseStatus.TooLarge, status);
        Assert.Equal(431, error!.Status);
        Assert.Equal(HeadParseStatus.TooLarge, Parse(Padded(MaxLength + 100)[..MaxLength]).Status);
        Assert.Equal(HeadParseStatus.TooLarge, Parse("GET /" + new string('a', MaxLength)).Status);
    }

    [Fact]
    public void Thousands_of_headers_within_the_bound_are_no_trouble() =>
        Assert.Equal(4000, Complete(Head(["Sec-WebSocket-Protocol: " + string.Join(',', Enumerable.Repeat("a", 4000))])).Protocols.Count);

    [Theory]
    [InlineData("")]
    [InlineData("\r\n")]
    public void Any_split_waits_for_the_end_and_then_reads_the_same(string before)
    {
        var bytes = Encoding.ASCII.GetBytes(before + Browser);
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Equal(HeadParseStatus.NeedMoreData, HttpRequestHead.TryParse(bytes.AsSpan(0, length), MaxLength, out var none, out var read, out var error));
            Assert.Null(none);
            Assert.Null(error);
            Assert.Equal(0, read);
        }

        Assert.Equal(HeadParseStatus.Complete, HttpRequestHead.TryParse(bytes, MaxLength, out var request, out var consumed, out _));
        Assert.Equal(bytes.Length, consumed);
        Assert.Equivalent(Complete(Browser), request);
    }

    [Fact]
    public void A_head_that_trickles_in_costs_no_memory_until_it_is_whole()
    {
        var bytes = Encoding.ASCII.GetBytes($"GET /{new string('a', 1000)} HTTP/1.1\r\nHost: x\r\n{Browser[..^2]}");
        HttpRequestHead.TryParse(bytes, MaxLength, out _, out _, out _);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var length = 0; length < bytes.Length; length++) HttpRequestHead.TryParse(bytes.AsSpan(0, length), MaxLength, out _, out _, out _);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void No_input_makes_it_throw_or_read_too_much() => Checks.Hold(
        Gen.OneOf(Checks.Bytes, Checks.Mutated(Encoding.ASCII.GetBytes(Browser))), Safe, 3000);

    [Fact]
    public void An_error_stays_an_error_when_more_bytes_come() => Checks.Hold(
        from bytes in Checks.Mutated(Encoding.ASCII.GetBytes(Browser))
        from cut in Gen.Choose(0, bytes.Length)
        select (bytes, cut),
        input =>
        {
            if (HttpRequestHead.TryParse(input.bytes.AsSpan(0, input.cut), MaxLength, out _, out _, out _) != HeadParseStatus.Malformed) return;
            Assert.Equal(HeadParseStatus.Malformed, HttpRequestHead.TryParse(input.bytes, MaxLength, out _, out _, out _));
        },
        3000);

    private static void Safe(byte[] input)
    {
        foreach (var maxLength in (int[])[0, 1, 20, 200, MaxLength])
        {
            var status = HttpRequestHead.TryParse(input, maxLength, out var request, out var consumed, out var error);
            Assert.InRange(consumed, 0, Math.Min(input.Length, maxLength));
            Assert.Equal(status == HeadParseStatus.Complete, request is not null && consumed > 0);
            Assert.Equal(status is HeadParseStatus.Malformed or HeadParseStatus.TooLarge, error is not null);
        }
    }

    private static string Head(params string[] lines) => $"GET / HTTP/1.1\r\nHost: x\r\n{string.Concat(lines.Select(line => line + "\r\n"))}\r\n";

    private static (HeadParseStatus Status, HeadError? Error) Parse(string text) =>
        (HttpRequestHead.TryParse(Encoding.Latin1.GetBytes(text), MaxLength, out _, out _, out var error), error);

    private static void Refused(string text, int status)
    {
        var result = Parse(text);
        Assert.Equal(HeadParseStatus.Malformed, result.Status);
        Assert.Equal(status, result.Error!.Status);
    }

    private static HandshakeRequest Complete(string text)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        Assert.Equal(HeadParseStatus.Complete, HttpRequestHead.TryParse(bytes, MaxLength, out var request, out var consumed, out var error));
        Assert.Null(error);
        Assert.Equal(bytes.Length, consumed);
        return request!;
    }
}
