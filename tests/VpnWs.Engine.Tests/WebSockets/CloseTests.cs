using System.Text;
using VpnWs.WebSockets;

namespace VpnWs.Tests.WebSockets;

/// <summary>RFC 6455 sections 5.5.1, 7.1.5, 7.1.6 and 7.4.</summary>
public class CloseTests
{
    public static TheoryData<ushort> ForbiddenCodes => [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 9999, 65535];

    public static TheoryData<ushort> AllowedCodes =>
        [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999];

    [Fact]
    public void A_close_may_be_empty()
    {
        Assert.Equal([new Item(ReadStatus.Close, Code: CloseCode.NoStatus)], Wire.ReadAll(Wire.Server(), Wire.Masked(Opcode.Close, "")));
        Assert.Equal([new Item(ReadStatus.Close, Code: CloseCode.NoStatus)], Wire.ReadAll(Wire.Client(), Wire.Bytes("88 00")));
    }

    [Theory]
    [MemberData(nameof(AllowedCodes))]
    public void Allowed_codes_are_told_with_their_reason(ushort code)
    {
        Assert.True(CloseCode.IsValidOnWire(code));
        Assert.Equal([new Item(ReadStatus.Close, Code: code)], Wire.ReadAll(Wire.Server(), Close(code, "")));
        Assert.Equal([new Item(ReadStatus.Close, Code: code, Reason: "grüß Gott")], Wire.ReadAll(Wire.Server(), Close(code, "grüß Gott")));
    }

    [Theory]
    [MemberData(nameof(ForbiddenCodes))]
    public void Forbidden_codes_are_refused(ushort code)
    {
        Assert.False(CloseCode.IsValidOnWire(code));
        Wire.RefusesAtLastByte(() => Wire.Server(), Close(code, ""), CloseCode.ProtocolError);
        Wire.RefusesAtLastByte(() => Wire.Server(), Close(code, "why"), CloseCode.ProtocolError);
    }

    [Fact]
    public void A_close_of_one_byte_is_refused() =>
        Wire.RefusesAtLastByte(() => Wire.Server(), Wire.Masked(Opcode.Close, "03"), CloseCode.ProtocolError);

    [Theory]
    [InlineData("ff")]
    [InlineData("c3")]
    [InlineData("61 c0 80")]
    [InlineData("ed a0 80")]
    [InlineData("f4 90 80 80")]
    [InlineData("e2 82")]
    public void A_reason_that_is_not_UTF_8_is_refused(string hex) =>
        Wire.RefusesAtLastByte(() => Wire.Server(), Wire.Masked(Opcode.Close, "03e8" + hex), CloseCode.InvalidPayload);

    [Fact]
    public void The_longest_reason_is_taken()
    {
        var reason = new string('x', 123);

        Assert.Equal([new Item(ReadStatus.Close, Code: 1000, Reason: reason)], Wire.ReadAll(Wire.Server(), Close(1000, reason)));
    }

    [Fact]
    public void A_close_stays_whatever_comes_after_it()
    {
        var close = Close(1001, "bye");
        var reader = Wire.Server();
        reader.Read([.. close, .. Wire.Masked(Opcode.Binary, Wire.Random(60))], out var first);
        Assert.Equal((ReadStatus.Close, close.Length), (first.Status, first.Consumed));

        reader.Read(Wire.Masked(Opcode.Binary, Wire.Random(60)), out var second);
        Assert.Equal((ReadStatus.Close, 0, (ushort)1001, "bye"), (second.Status, second.Consumed, second.CloseCode, second.Reason));
        reader.Read(Wire.Bytes("81"), out var third);
        Assert.Equal((ReadStatus.Close, 0, (ushort)1001, "bye"), (third.Status, third.Consumed, third.CloseCode, third.Reason));
    }

    [Theory]
    [InlineData("03ed", 1005, null)]
    [InlineData("03ed 6f6b", 1005, "ok")]
    [InlineData("0000", 0, null)]
    [InlineData("03", CloseCode.NoStatus, null)]
    [InlineData("03e8 ff", 1000, null)]
    [InlineData("", CloseCode.NoStatus, null)]
    public void Once_our_close_is_sent_an_answer_may_say_what_it_likes(string hex, ushort code, string? reason)
    {
        using var reader = Wire.Server();
        reader.CloseSent = true;

        Assert.Equal([new Item(ReadStatus.Close, Code: code, Reason: reason)], Wire.ReadAll(reader, Wire.Masked(Opcode.Close, hex)));
    }

    [Theory]
    [InlineData("88 00")]
    [InlineData("88 fe")]
    [InlineData("08")]
    [InlineData("c8")]
    public void Once_our_close_is_sent_its_answer_must_still_be_a_proper_frame(string hex) =>
        Wire.RefusesAtLastByte(
            () => new FrameReader(Endpoint.Server, Wire.Limit) { CloseSent = true }, Wire.Bytes(hex), CloseCode.ProtocolError);

    [Fact]
    public void What_was_under_way_when_our_close_was_sent_is_still_delivered()
    {
        using var reader = Wire.Server();
        reader.CloseSent = true;

        var items = Wire.ReadAll(reader, Wire.Masked(Opcode.Binary, Wire.Random(60)), Close(1000, ""));

        Assert.Equal([new(ReadStatus.Message, Wire.Hex(Wire.Random(60))), new Item(ReadStatus.Close, Code: 1000)], items);
    }

    private static byte[] Close(ushort code, string reason) =>
        Wire.Masked(Opcode.Close, [(byte)(code >> 8), (byte)code, .. Encoding.UTF8.GetBytes(reason)]);
}
