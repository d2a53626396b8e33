using System.Runtime.CompilerServices;
using VpnWs.WebSockets;

namespace VpnWs.Tests.WebSockets;

public class FrameReaderTests
{
    [Theory]
    [InlineData(5)]
    [InlineData(1442)]
    [InlineData(65_540)]
    public void A_whole_masked_message_is_handed_out_where_it_lies_and_still_masked(int length)
    {
        var payload = Wire.Random(length);
        var input = Wire.Masked(Opcode.Binary, payload);

        Wire.Server().Read(input, out var result);

        Assert.Equal(ReadStatus.Message, result.Status);
        Assert.Equal(input.Length, result.Consumed);
        Assert.Equal(length, result.Payload.Length);
        Assert.True(Unsafe.AreSame(ref result.Payload[0], ref input[^length]));
        Assert.Equal(BitConverter.ToUInt32(Wire.Key), result.MaskKey);
        Masking.Apply(result.Payload, result.MaskKey);
        Assert.Equal(Wire.Hex(payload), Wire.Hex(result.Payload));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(1442)]
    [InlineData(65_540)]
    public void A_whole_unmasked_message_is_handed_out_where_it_lies(int length)
    {
        var input = Wire.Frame(Opcode.Binary, Wire.Random(length));

        Wire.Client().Read(input, out var result);

        Assert.Equal((ReadStatus.Message, input.Length, 0u), (result.Status, result.Consumed, result.MaskKey));
        Assert.True(Unsafe.AreSame(ref result.Payload[0], ref input[^length]));
    }

    [Fact]
    public void The_samples_of_the_standard_are_read_as_it_says()
    {
        // RFC 6455 section 5.7, with the opcode for binary in place of the one for text.
        Assert.Equal([new Item(ReadStatus.Message, Wire.HexOf("Hello"))], Wire.ReadAll(Wire.Client(), Wire.Bytes("82 05 48656c6c6f")));
        Assert.Equal(
            [new Item(ReadStatus.Message, Wire.HexOf("Hello"))],
            Wire.ReadAll(Wire.Server(), Wire.Bytes("82 85 37fa213d 7f9f4d5158")));
        Assert.Equal(
            [new Item(ReadStatus.Message, Wire.HexOf("Hello"))],
            Wire.ReadAll(Wire.Client(), Wire.Bytes("02 03 48656c 80 02 6c6f")));
        Assert.Equal(
            [new Item(ReadStatus.Ping, Wire.HexOf("Hello"))],
            Wire.ReadAll(Wire.Client(), Wire.Bytes("89 05 48656c6c6f")));
        Assert.Equal(
            [new Item(ReadStatus.Pong, Wire.HexOf("Hello"))],
            Wire.ReadAll(Wire.Server(), Wire.Bytes("8a 85 37fa213d 7f9f4d5158")));
    }

    [Fact]
    public void Messages_in_one_input_come_one_call_at_a_time_and_in_order()
    {
        var items = Wire.ReadAll(
            Wire.Server(),
            Wire.Masked(Opcode.Binary, "01"),
            Wire.Masked(Opcode.Ping, ""),
            Wire.Masked(Opcode.Binary, ""),
            Wire.Masked(Opcode.Binary, "02 03"));

        Assert.Equal(
            [new(ReadStatus.Message, "01"), new(ReadStatus.Ping), new(ReadStatus.Message), new Item(ReadStatus.Message, "0203")],
            items);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    [InlineData(300)]
    [InlineData(65_540)]
    public void A_frame_that_is_not_all_there_is_neither_consumed_nor_touched(int length)
    {
        var frame = Wire.Masked(Opcode.Binary, Wire.Random(length));
        var reader = Wire.Server();
        foreach (var there in (int[])[0, 1, 2, 3, 5, 7, 9, frame.Length - 1])
        {
            if (there >= frame.Length) continue;
            var input = frame[..there];
            reader.Read(input, out var result);
            Assert.Equal((ReadStatus.NeedMoreData, 0), (result.Status, result.Consumed));
            Assert.Equal(frame[..there], input);
        }

        reader.Read(frame, out var whole);
        Assert.Equal((ReadStatus.Message, frame.Length), (whole.Status, whole.Consumed));
    }

    [Fact]
    public void A_mask_key_of_zero_is_a_key_like_any_other()
    {
        var input = Wire.Frame(Opcode.Binary, Wire.Bytes("0102"), [0, 0, 0, 0]);

        Assert.Equal([new Item(ReadStatus.Message, "0102")], Wire.ReadAll(Wire.Server(), input));
    }

    [Theory]
    [InlineData("c2")]
    [InlineData("a2")]
    [InlineData("92")]
    [InlineData("f2")]
    [InlineData("c9")]
    [InlineData("90")]
    [InlineData("12")]
    public void Reserved_bits_are_refused(string hex) => Wire.RefusesAtLastByte(() => Wire.Server(), Wire.Bytes(hex), CloseCode.ProtocolError);

    [Fact]
    public void Opcodes_that_the_standard_reserves_are_refused()
    {
        foreach (var opcode in (byte[])[3, 4, 5, 6, 7, 11, 12, 13, 14, 15])
        {
            Wire.RefusesAtLastByte(() => Wire.Server(), [(byte)(0x80 | opcode)], CloseCode.ProtocolError);
            Wire.RefusesAtLastByte(() => Wire.Client(), [opcode], CloseCode.ProtocolError);
        }
    }

    [Theory]
    [InlineData("81")]
    [InlineData("01")]
    public void Text_is_refused_at_its_first_byte(string hex)
    {
        Wire.RefusesAtLastByte(() => Wire.Server(), Wire.Bytes(hex), CloseCode.UnsupportedData);
        Wire.RefusesAtLastByte(() => Wire.Client(), Wire.Bytes(hex), CloseCode.UnsupportedData);
    }

    [Fact]
    public void What_came_before_an_error_is_still_delivered()
    {
        var items = Wire.ReadAll(Wire.Server(), Wire.Masked(Opcode.Binary, "01"), Wire.Bytes("81"));

        Assert.Equal(new Item(ReadStatus.Message, "01"), items[0]);
        Assert.Equal(CloseCode.UnsupportedData, items[1].Code);
    }

    [Fact]
    public void An_error_stays_whatever_comes_after_it()
    {
        var reader = Wire.Server();
        reader.Read(Wire.Bytes("81"), out var first);
        reader.Read(Wire.Masked(Opcode.Binary, Wire.Random(20)), out var second);
        reader.Read([], out var third);

        Assert.Equal((ReadStatus.Error, 0, first.CloseCode, first.Reason), (second.Status, second.Consumed, second.CloseCode, second.Reason));
        Assert.Equal((ReadStatus.Error, 0, first.CloseCode, first.Reason), (third.Status, third.Consumed, third.CloseCode, third.Reason));
    }

    [Fact]
    public void The_reason_of_every_error_fits_a_close_frame()
    {
        var violations = typeof(Violation).GetFields().Select(field => field.GetValue(null)).OfType<Violation>().ToList();

        Assert.NotEmpty(violations);
        Assert.All(violations, violation => Assert.InRange(violation.Reason.Length, 1, 123));
        Assert.All(violations, violation => Assert.True(CloseCode.IsValidOnWire(violation.CloseCode)));
    }

    [Fact]
    public void A_negative_limit_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => Wire.Server(-1));
}
