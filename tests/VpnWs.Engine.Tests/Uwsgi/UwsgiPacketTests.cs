using System.Text;
using FsCheck;
using FsCheck.Fluent;
using VpnWs.Http;
using VpnWs.Tests.Http;
using VpnWs.Uwsgi;
using VpnWs.WebSockets;

namespace VpnWs.Tests.Uwsgi;

public sealed class UwsgiPacketTests
{
    private const int MaxLength = 16_384;

    private static readonly KeyValuePair<string, string>[] Nginx =
    [
        new("QUERY_STRING", "a=b"), new("REQUEST_METHOD", "GET"), new("CONTENT_TYPE", ""), new("REQUEST_URI", "/v%20pn?a=b"),
        new("PATH_INFO", "/v pn"), new("REMOTE_ADDR", "192.0.2.7"), new("REMOTE_USER", "j\u00fcrgen"), new("HTTPS_DN", "CN=x,O=y"),
        new("DN", "CN=other"), new("HTTP_UPGRADE", "websocket"), new("HTTP_ORIGIN", "https://page"), new("HTTP_AUTHORIZATION", "Basic x"),
        new("HTTP_SEC_WEBSOCKET_KEY", "dGhlIHNhbXBsZSBub25jZQ=="), new("HTTP_SEC_WEBSOCKET_VERSION", "13"),
        new("HTTP_SEC_WEBSOCKET_PROTOCOL", "a, vpn-ws.offload.v1"), new("HTTP_X_VPN_WS_MAC", "02:00:00:00:00:01"),
        new("HTTP_X_VPN_WS_BRIDGE", "on"),
    ];

    [Fact]
    public void The_layout_is_modifier1_size_modifier2_and_pairs()
    {
        byte[] packet = [1, 8, 0, 0, 1, 0, (byte)'K', 3, 0, (byte)'a', (byte)'b', (byte)'c'];
        Assert.Equal(packet, UwsgiPacket.Write(1, [new("K", "abc")]));
    }

    [Fact]
    public void A_web_servers_variables_are_read()
    {
        var request = Complete(UwsgiPacket.Write(0, Nginx));

        Assert.Equal(0, request.Modifier1);
        Assert.Equal("GET", request.Method);
        Assert.Equal("/v%20pn", request.Path);
        Assert.Equal("a=b", request.Query);
        Assert.True(request.WantsUpgrade);
        Assert.Equal("dGhlIHNhbXBsZSBub25jZQ==", request.Key);
        Assert.Equal("13", request.Version);
        Assert.Equal(["a", "vpn-ws.offload.v1"], request.Protocols);
        Assert.Equal("https://page", request.Origin);
        Assert.Equal("Basic x", request.Authorization);
        Assert.Equal("02:00:00:00:00:01", request.DeclaredMac);
        Assert.True(request.WantsBridge);
        Assert.Equal("192.0.2.7", request.RemoteAddress);
        Assert.Equal("j\u00fcrgen", request.RemoteUser);
        Assert.Equal("CN=x,O=y", request.DistinguishedName);
    }

    [Fact]
    public void A_packet_without_variables_is_a_plain_request()
    {
        var request = Complete([1, 0, 0, 77]);

        Assert.Equal(1, request.Modifier1);
        Assert.Equal("GET", request.Method);
        Assert.Equal("/", request.Path);
        Assert.Equal("", request.Query);
        Assert.False(request.WantsUpgrade);
        Assert.True(request.IsClassic);
        Assert.Empty(request.Protocols);
    }

    [Theory]
    [InlineData("HTTP_SEC_WEBSOCKET_KEY", "x", true)]
    [InlineData("HTTP_UPGRADE", "WebSocket", true)]
    [InlineData("HTTP_UPGRADE", "h2c", false)]
    [InlineData("HTTP_SEC_WEBSOCKET_KEY", "", false)]
    public void A_key_or_the_upgrade_header_asks_for_the_upgrade(string key, string value, bool wanted) =>
        Assert.Equal(wanted, Complete(UwsgiPacket.Write(0, [new(key, value)])).WantsUpgrade);

    [Fact]
    public void The_path_is_taken_from_PATH_INFO_where_there_is_no_URI() =>
        Assert.Equal("/p", Complete(UwsgiPacket.Write(0, [new("PATH_INFO", "/p")])).Path);

    [Fact]
    public void The_last_of_several_values_counts()
    {
        var request = Complete(UwsgiPacket.Write(0, [new("REMOTE_USER", "a"), new("HTTPS_DN", "x"), new("REMOTE_USER", "b"), new("HTTPS_DN", "")]));

        Assert.Equal("b", request.RemoteUser);
        Assert.Null(request.DistinguishedName);
    }

    [Fact]
    public void An_empty_value_is_none()
    {
        var empty = Complete(UwsgiPacket.Write(0, Nginx.Select(pair => new KeyValuePair<string, string>(pair.Key, pair.Key == "DN" ? "CN=second" : ""))));

        Assert.Null(empty.RemoteUser);
        Assert.Null(empty.RemoteAddress);
        Assert.Null(empty.DeclaredMac);
        Assert.True(empty.IsClassic);
        Assert.Equal("CN=second", empty.DistinguishedName);
        Assert.False(empty.WantsBridge);
    }

    [Fact]
    public void Keys_are_compared_whole_and_by_case()
    {
        var request = Complete(UwsgiPacket.Write(0, [new("remote_user", "a"), new("REMOTE_USER2", "b"), new("REMOTE_USE", "c")]));
        Assert.Null(request.RemoteUser);
    }

    [Fact]
    public void More_than_64_variables_are_taken()
    {
        var many = Enumerable.Range(0, 500).Select(i => new KeyValuePair<string, string>($"HTTP_X_{i}", "y")).Concat(Nginx);
        Assert.Equal("192.0.2.7", Complete(UwsgiPacket.Write(0, many)).RemoteAddress);
    }

    [Fact]
    public void Text_that_is_not_UTF8_is_read_as_Latin1()
    {
        byte[] body = [11, 0, .. "REMOTE_USER"u8, 2, 0, 0xe9, 0x00];
        Assert.Equal("\u00e9\0", Complete([0, (byte)body.Length, 0, 0, .. body]).RemoteUser);
    }

    [Theory]
    [InlineData("G")] // GET / HTTP/1.1
    [InlineData("\u0016")] // a TLS ClientHello
    [InlineData("\u0002\0\0\0")]
    [InlineData("\u00ff")]
    public void Another_modifier1_is_refused_at_its_first_byte(string input)
    {
        var bytes = Encoding.Latin1.GetBytes(input);
        Assert.Equal(HeadParseStatus.Malformed, UwsgiPacket.TryParse(bytes, MaxLength, out _, out _, out var error));
        Assert.Equal(400, error!.Status);
        Assert.Contains($"modifier1 was {bytes[0]}", error.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 0 })] // no room for a length
    [InlineData(new byte[] { 0, 0, 0, 0 })] // an empty key
    [InlineData(new byte[] { 1, 0 })] // no key
    [InlineData(new byte[] { 1, 0, 65 })] // no value
    [InlineData(new byte[] { 1, 0, 65, 0 })] // half a length
    [InlineData(new byte[] { 2, 0, 65, 0, 0 })] // the key runs into the value's length
    [InlineData(new byte[] { 1, 0, 65, 1, 0 })] // the value overruns
    [InlineData(new byte[] { 255, 255, 65, 0, 0 })] // the key overruns
    [InlineData(new byte[] { 1, 0, 65, 0, 0, 7 })] // a byte too many
    public void A_length_that_lies_is_refused(byte[] body)
    {
        // The bytes after the packet would satisfy the lie; they are not the packet's.
        byte[] input = [0, (byte)body.Length, 0, 0, .. body, .. new byte[70_000]];
        Assert.Equal(HeadParseStatus.Malformed, UwsgiPacket.TryParse(input, MaxLength, out _, out _, out var error));
        Assert.Equal(400, error!.Status);
    }

    [Fact]
    public void The_bound_is_checked_as_soon_as_the_size_is_there()
    {
        byte[] longest = [0, 0xfc, 0x3f, 0]; // 16,380 bytes after the header
        byte[] longer = [0, 0xfd, 0x3f, 0];

        Assert.Equal(HeadParseStatus.NeedMoreData, UwsgiPacket.TryParse(longest, MaxLength, out _, out _, out _));
        Assert.Equal(HeadParseStatus.NeedMoreData, UwsgiPacket.TryParse(longer.AsSpan(0, 3), MaxLength, out _, out _, out _));
        Assert.Equal(HeadParseStatus.TooLarge, UwsgiPacket.TryParse(longer, MaxLength, out _, out _, out var error));
        Assert.Equal(431, error!.Status);
    }

    [Fact]
    public void A_packet_as_long_as_the_bound_is_taken() =>
        Assert.Equal(0, Complete(UwsgiPacket.Write(0, [new("K", new string('a', MaxLength - 9))])).Modifier1);

    [Fact]
    public void Bytes_after_the_packet_are_left_alone()
    {
        var packet = UwsgiPacket.Write(0, Nginx);
        Assert.Equal(HeadParseStatus.Complete, UwsgiPacket.TryParse([.. packet, 0x82, 0x80], MaxLength, out _, out var consumed, out _));
        Assert.Equal(packet.Length, consumed);
    }

    [Fact]
    public void Any_split_waits_for_the_end_and_then_reads_the_same()
    {
        var packet = UwsgiPacket.Write(0, Nginx);
        for (var length = 0; length < packet.Length; length++)
        {
            Assert.Equal(HeadParseStatus.NeedMoreData, UwsgiPacket.TryParse(packet.AsSpan(0, length), MaxLength, out var none, out var read, out var error));
            Assert.Null(none);
            Assert.Null(error);
            Assert.Equal(0, read);
        }

        Complete(packet);
    }

    [Fact]
    public void What_is_written_is_read_back() => Checks.Hold(
        from user in Text
        from dn in Text
        from query in Text
        from control in Gen.Elements<byte>(0, 1)
        select (user, dn, query, control),
        value =>
        {
            var request = Complete(UwsgiPacket.Write(value.control, [new("REMOTE_USER", value.user), new("HTTPS_DN", value.dn), new("QUERY_STRING", value.query)]));
            Assert.Equal(value.control, request.Modifier1);
            Assert.Equal(value.user, request.RemoteUser ?? "");
            Assert.Equal(value.dn, request.DistinguishedName ?? "");
            Assert.Equal(value.query, request.Query);
        });

    [Fact]
    public void No_input_makes_it_throw_or_read_too_much() => Checks.Hold(
        Gen.OneOf(
            Checks.Bytes,
            Checks.Bytes.Select(body => (byte[])[0, (byte)body.Length, (byte)(body.Length >> 8), 0, .. body]),
            Checks.Mutated(UwsgiPacket.Write(0, Nginx))),
        input =>
        {
            foreach (var maxLength in (int[])[0, 1, 40, MaxLength])
            {
                var status = UwsgiPacket.TryParse(input, maxLength, out var request, out var consumed, out var error);
                Assert.InRange(consumed, 0, Math.Min(input.Length, maxLength));
                Assert.Equal(status == HeadParseStatus.Complete, request is not null && consumed > 0);
                Assert.Equal(status is HeadParseStatus.Malformed or HeadParseStatus.TooLarge, error is not null);
            }
        },
        3000);

    [Theory]
    [InlineData("", 1)]
    [InlineData("K", 65_531)]
    [InlineData("K", 70_000)]
    public void What_does_not_fit_is_not_written(string key, int length) =>
        Assert.ThrowsAny<ArgumentException>(() => UwsgiPacket.Write(0, [new(key, new string('a', length))]));

    [Fact]
    public void The_longest_packet_is_written() => Assert.Equal(65_539, UwsgiPacket.Write(0, [new("K", new string('a', 65_530))]).Length);

    // Half a surrogate pair cannot be written in UTF-8.
    private static Gen<string> Text => Checks.HostileText.Select(text => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)));

    private static HandshakeRequest Complete(byte[] packet)
    {
        Assert.Equal(HeadParseStatus.Complete, UwsgiPacket.TryParse(packet, MaxLength, out var request, out var consumed, out HeadError? error));
        Assert.Null(error);
        Assert.Equal(packet.Length, consumed);
        return request!;
    }
}
