using VpnWs.WebSockets;

namespace VpnWs.Tests.WebSockets;

/// <summary>RFC 6455 section 5.1: who masks, and the one thing a classic peer is forgiven.</summary>
public class MaskingRuleTests
{
    [Theory]
    [InlineData("82 00")]
    [InlineData("82 05")]
    [InlineData("82 7e")]
    [InlineData("82 7f")]
    [InlineData("02 05")]
    [InlineData("89 00")]
    [InlineData("8a 00")]
    [InlineData("88 00")]
    public void A_server_refuses_frames_that_are_not_masked(string hex) =>
        Wire.RefusesAtLastByte(() => Wire.Server(), Wire.Bytes(hex), CloseCode.ProtocolError);

    [Fact]
    public void A_server_refuses_a_whole_unmasked_message_too() =>
        Assert.Equal(CloseCode.ProtocolError, Wire.ReadAll(Wire.Server(), Wire.Frame(Opcode.Binary, Wire.Random(60)))[0].Code);

    [Theory]
    [InlineData("82 80")]
    [InlineData("82 85")]
    [InlineData("82 fe")]
    [InlineData("82 ff")]
    [InlineData("02 85")]
    [InlineData("89 80")]
    [InlineData("8a 80")]
    [InlineData("88 80")]
    public void A_client_refuses_masked_frames(string hex) =>
        Wire.RefusesAtLastByte(() => Wire.Client(), Wire.Bytes(hex), CloseCode.ProtocolError);

    [Fact]
    public void A_client_refuses_a_whole_masked_message_too() =>
        Assert.Equal(CloseCode.ProtocolError, Wire.ReadAll(Wire.Client(), Wire.Masked(Opcode.Binary, Wire.Random(60)))[0].Code);

    [Fact]
    public void A_classic_peer_may_ping_and_pong_unmasked()
    {
        var items = Wire.ReadAll(
            Wire.Server(classic: true),
            Wire.Bytes("89 00"),
            Wire.Bytes("8a 02 0102"),
            Wire.Masked(Opcode.Binary, Wire.Random(60)),
            Wire.Bytes("89 00"),
            Wire.Masked(Opcode.Ping, "03"));

        Assert.Equal(
            [
                new(ReadStatus.Ping), new(ReadStatus.Pong, "0102"), new(ReadStatus.Message, Wire.Hex(Wire.Random(60))),
                new(ReadStatus.Ping), new Item(ReadStatus.Ping, "03"),
            ],
            items);
    }

    [Fact]
    public void A_classic_peer_may_ping_unmasked_between_fragments()
    {
        var items = Wire.ReadAll(
            Wire.Server(classic: true),
            Wire.Masked(Opcode.Binary, "01", final: false),
            Wire.Bytes("89 00"),
            Wire.Masked(Opcode.Continuation, "02"));

        Assert.Equal([new(ReadStatus.Ping), new Item(ReadStatus.Message, "0102")], items);
    }

    [Theory]
    [InlineData("82 05", CloseCode.ProtocolError)]
    [InlineData("02 05", CloseCode.ProtocolError)]
    [InlineData("88 00", CloseCode.ProtocolError)]
    [InlineData("89 7e", CloseCode.ProtocolError)]
    [InlineData("09", CloseCode.ProtocolError)]
    [InlineData("c9", CloseCode.ProtocolError)]
    [InlineData("81", CloseCode.UnsupportedData)]
    [InlineData("82 fe 00 7d", CloseCode.ProtocolError)]
    public void A_classic_peer_is_forgiven_nothing_else(string hex, ushort code) =>
        Wire.RefusesAtLastByte(() => Wire.Server(classic: true), Wire.Bytes(hex), code);

    [Fact]
    public void A_client_forgives_no_masked_ping_whatever_its_server_is()
    {
        using var reader = new FrameReader(Endpoint.Client, Wire.Limit, isClassic: true);

        Assert.Equal(CloseCode.ProtocolError, Wire.ReadAll(reader, Wire.Bytes("89 80"))[0].Code);
    }
}
