using System.Text;
using VpnWs.WebSockets;

namespace VpnWs.Tests.WebSockets;

public class FrameWriterTests
{
    private static readonly uint Key = BitConverter.ToUInt32(Wire.Key);

    [Theory]
    [InlineData(0, "82 00", "82 80 37fa213d")]
    [InlineData(125, "82 7d", "82 fd 37fa213d")]
    [InlineData(126, "82 7e 007e", "82 fe 007e 37fa213d")]
    [InlineData(256, "82 7e 0100", "82 fe 0100 37fa213d")]
    [InlineData(65_535, "82 7e ffff", "82 fe ffff 37fa213d")]
    [InlineData(65_536, "82 7f 0000000000010000", "82 ff 0000000000010000 37fa213d")]
    [InlineData(int.MaxValue, "82 7f 000000007fffffff", "82 ff 000000007fffffff 37fa213d")]
    public void Headers_are_as_short_as_they_can_be(int payloadLength, string plain, string masked)
    {
        var destination = new byte[FrameWriter.MaxHeaderLength];

        var length = FrameWriter.WriteHeader(destination, Opcode.Binary, payloadLength);
        Assert.Equal(Wire.Bytes(plain), destination[..length]);
        Assert.Equal(length, FrameWriter.HeaderLength(payloadLength, masked: false));

        length = FrameWriter.WriteHeader(destination, Opcode.Binary, payloadLength, Key);
        Assert.Equal(Wire.Bytes(masked), destination[..length]);
        Assert.Equal(length, FrameWriter.HeaderLength(payloadLength, masked: true));
    }

    [Theory]
    [InlineData(Opcode.Binary, 0x82)]
    [InlineData(Opcode.Close, 0x88)]
    [InlineData(Opcode.Ping, 0x89)]
    [InlineData(Opcode.Pong, 0x8a)]
    internal void Every_frame_is_whole(Opcode opcode, byte first)
    {
        var destination = new byte[2];

        FrameWriter.WriteHeader(destination, opcode, 0);

        Assert.Equal(first, destination[0]);
    }

    [Fact]
    public void Control_frames_carry_their_payload_masked_where_a_key_is_given()
    {
        var destination = new byte[FrameWriter.MaxControlFrameLength];
        var hello = Encoding.UTF8.GetBytes("Hello");

        Assert.Equal("890548656c6c6f", Wire.Hex(destination.AsSpan(0, FrameWriter.WriteControl(destination, Opcode.Ping, hello, null))));
        Assert.Equal(
            "8a8537fa213d7f9f4d5158",
            Wire.Hex(destination.AsSpan(0, FrameWriter.WriteControl(destination, Opcode.Pong, hello, Key))));
        Assert.Equal(destination.Length, FrameWriter.WriteControl(destination, Opcode.Ping, new byte[125], Key));
        Assert.Throws<ArgumentOutOfRangeException>(() => FrameWriter.WriteControl(destination, Opcode.Ping, new byte[126], null));
    }

    [Theory]
    [InlineData(1000, "", "88 02 03e8")]
    [InlineData(1001, "bye", "88 05 03e9 627965")]
    [InlineData(CloseCode.NoStatus, "lost", "88 00")]
    [InlineData(CloseCode.Abnormal, "lost", "88 00")]
    [InlineData(0, "", "88 00")]
    public void A_close_says_what_may_be_said(ushort code, string reason, string expected)
    {
        var destination = new byte[FrameWriter.MaxControlFrameLength];

        Assert.Equal(Wire.Bytes(expected), destination[..FrameWriter.WriteClose(destination, code, reason, null)]);
    }

    [Fact]
    public void A_reason_with_half_a_character_is_mended()
    {
        var destination = new byte[FrameWriter.MaxControlFrameLength];

        var length = FrameWriter.WriteClose(destination, CloseCode.Normal, ['a', '\ud800', 'b'], null);

        Assert.Equal(Wire.Bytes("88 07 03e8 61 efbfbd 62"), destination[..length]);
    }

    [Theory]
    [InlineData("x", 123, 123)]
    [InlineData("x", 124, 123)]
    [InlineData("ü", 61, 122)]
    [InlineData("ü", 62, 122)]
    [InlineData("€", 42, 123)]
    [InlineData("𝄞", 40, 120)]
    public void A_long_reason_is_cut_between_two_characters(string character, int times, int expected)
    {
        var destination = new byte[FrameWriter.MaxControlFrameLength];
        var reason = string.Concat(Enumerable.Repeat(character, times));

        var length = FrameWriter.WriteClose(destination, 1002, reason, Key);

        Assert.Equal(6 + 2 + expected, length);
        var item = Assert.Single(Wire.ReadAll(Wire.Server(), destination[..length]));
        Assert.Equal((ReadStatus.Close, (ushort)1002), (item.Status, item.Code));
        Assert.StartsWith(item.Reason!, reason, StringComparison.Ordinal);
        Assert.Equal(expected, Encoding.UTF8.GetByteCount(item.Reason!));
    }
}
