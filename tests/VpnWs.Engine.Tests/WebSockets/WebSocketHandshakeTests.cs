using VpnWs.WebSockets;

namespace VpnWs.Tests.WebSockets;

public class WebSocketHandshakeTests
{
    [Theory]
    // RFC 6455 section 1.3.
    [InlineData("dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")]
    // A key of ten bytes, as the classic client sends.
    [InlineData("AAECAwQFBgcICQ==", "cPwUg7zmS2XhViBNxrcjqD5PO0o=")]
    public void The_accept_is_the_hash_of_the_key_as_it_is_written(string key, string accept) =>
        Assert.Equal(accept, WebSocketHandshake.ComputeAccept(key));

    [Theory]
    [InlineData("dGhlIHNhbXBsZSBub25jZQ==", true)]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAA==", true)]
    [InlineData("", false)]
    [InlineData("AAECAwQFBgcICQ==", false)]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAA=", false)]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAA", false)]
    [InlineData("dGhlIHNhbXBsZSBub25jZQ", false)]
    [InlineData(" dGhlIHNhbXBsZSBub25jZQ==", false)]
    [InlineData("dGhlIHNhbXBsZSBub25jZ-==", false)]
    [InlineData("dGhlIHNhbXBsZSBub25j ZQ==", false)]
    [InlineData("dGhlIHNhbXBsZSBub25jZQ=A", false)]
    [InlineData("dGhlIHNhbXBsZSBub25j    ", false)]
    [InlineData("this is not base64 at al", false)]
    public void A_strict_key_is_the_base64_of_sixteen_bytes(string key, bool strict) =>
        Assert.Equal(strict, WebSocketHandshake.IsStrictKey(key));
}
