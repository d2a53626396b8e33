using VpnWs.WebSockets;

namespace VpnWs.Tests.WebSockets;

/// <summary>RFC 6455 section 5.2, payload length; and our own bound on it.</summary>
public class LengthTests
{
    [Theory]
    [InlineData(0, 6)]
    [InlineData(1, 6)]
    [InlineData(125, 6)]
    [InlineData(126, 8)]
    [InlineData(127, 8)]
    [InlineData(255, 8)]
    [InlineData(256, 8)]
    [InlineData(65_535, 8)]
    [InlineData(65_536, 14)]
    [InlineData(200_000, 14)]
    public void Every_form_of_the_length_is_read(int length, int header)
    {
        var payload = Wire.Random(length);
        var masked = Wire.Masked(Opcode.Binary, payload);

        Assert.Equal(header + length, masked.Length);
        Assert.Equal([new Item(ReadStatus.Message, Wire.Hex(payload))], Wire.ReadAll(Wire.Server(length), masked));
        Assert.Equal(
            [new Item(ReadStatus.Message, Wire.Hex(payload))],
            Wire.ReadAll(Wire.Client(length), Wire.Frame(Opcode.Binary, payload)));
    }

    [Theory]
    [InlineData("82 fe 00 00")]
    [InlineData("82 fe 00 7d")]
    [InlineData("82 ff 00 00 00 00 00 00")]
    public void A_length_that_is_not_in_its_shortest_form_is_refused(string hex)
    {
        Wire.RefusesAtLastByte(() => Wire.Server(), Wire.Bytes(hex), CloseCode.ProtocolError);
        Wire.RefusesAtLastByte(() => Wire.Server(100), Wire.Bytes(hex), CloseCode.ProtocolError);
    }

    [Fact]
    public void A_wasteful_length_is_refused_also_with_its_whole_frame_there()
    {
        byte[] rest = [.. Wire.Key, .. new byte[200]];

        Assert.Equal(CloseCode.ProtocolError, Wire.ReadAll(Wire.Server(), Wire.Bytes("82 fe 00 7d"), rest)[0].Code);
        Assert.Equal(CloseCode.ProtocolError, Wire.ReadAll(Wire.Server(), Wire.Bytes("82 ff 00000000 0000007e"), rest)[0].Code);
        Assert.Equal(CloseCode.ProtocolError, Wire.ReadAll(Wire.Server(), Wire.Bytes("82 ff 00000000 0000ffff"), rest)[0].Code);
        Assert.Equal(CloseCode.ProtocolError, Wire.ReadAll(Wire.Client(), Wire.Bytes("82 7e 00 7d"), rest)[0].Code);
    }

    [Theory]
    [InlineData("82 ff 80")]
    [InlineData("82 ff ff")]
    [InlineData("02 ff 80")]
    public void A_length_of_2_to_the_63_and_more_is_refused_at_its_first_byte(string hex)
    {
        Wire.RefusesAtLastByte(() => Wire.Server(), Wire.Bytes(hex), CloseCode.ProtocolError);
        Wire.RefusesAtLastByte(() => Wire.Server(int.MaxValue), Wire.Bytes(hex), CloseCode.ProtocolError);
    }

    [Theory]
    [InlineData(Wire.Limit, "82 ff 00 00 00 00 00 01 00 0e")]
    [InlineData(Wire.Limit, "82 ff 00 00 00 00 00 01 01")]
    [InlineData(Wire.Limit, "82 ff 7f")]
    [InlineData(Wire.Limit, "82 ff 00 00 00 01")]
    [InlineData(int.MaxValue, "82 ff 00 00 00 00 80")]
    [InlineData(1514, "82 fe 05 eb")]
    [InlineData(1514, "82 fe 06")]
    [InlineData(1514, "82 ff 00 00 00 00 00 01")]
    [InlineData(100, "82 e5")]
    [InlineData(100, "02 e5")]
    [InlineData(100, "82 fe 00 7e")]
    [InlineData(0, "82 81")]
    public void A_length_over_the_limit_is_refused_as_soon_as_it_shows(int limit, string hex) =>
        Wire.RefusesAtLastByte(() => Wire.Server(limit), Wire.Bytes(hex), CloseCode.MessageTooBig);

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(1514)]
    [InlineData(Wire.Limit)]
    public void The_limit_itself_is_taken_and_one_byte_more_is_not(int limit)
    {
        var over = Wire.ReadAll(Wire.Server(limit), Wire.Masked(Opcode.Binary, new byte[limit + 1]));

        Assert.Equal(ReadStatus.Message, Wire.ReadAll(Wire.Server(limit), Wire.Masked(Opcode.Binary, new byte[limit]))[0].Status);
        Assert.Equal((ReadStatus.Error, CloseCode.MessageTooBig), (over[0].Status, over[0].Code));
    }

    [Fact]
    public void Control_frames_are_not_held_to_the_limit_of_messages()
    {
        var ping = Wire.Masked(Opcode.Ping, Wire.Random(125));

        Assert.Equal([new Item(ReadStatus.Ping, Wire.Hex(Wire.Random(125)))], Wire.ReadAll(Wire.Server(10), ping));
    }
}
