using VpnWs.WebSockets;

namespace VpnWs.Tests.WebSockets;

/// <summary>RFC 6455 section 5.5, apart from what a close says.</summary>
public class ControlFrameTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(125)]
    public void Pings_and_pongs_come_with_their_payload_unmasked(int length)
    {
        var payload = Wire.Random(length);
        foreach (var (opcode, status) in new[] { (Opcode.Ping, ReadStatus.Ping), (Opcode.Pong, ReadStatus.Pong) })
        {
            Assert.Equal([new Item(status, Wire.Hex(payload))], Wire.ReadAll(Wire.Server(), Wire.Masked(opcode, payload)));
            Assert.Equal([new Item(status, Wire.Hex(payload))], Wire.ReadAll(Wire.Client(), Wire.Frame(opcode, payload)));
        }
    }

    [Theory]
    [InlineData(Opcode.Ping)]
    [InlineData(Opcode.Pong)]
    [InlineData(Opcode.Close)]
    internal void A_partial_control_frame_is_neither_consumed_nor_touched(Opcode opcode)
    {
        var frame = Wire.Masked(opcode, Wire.Bytes("03e8 414243"));
        for (var there = 0; there < frame.Length; there++)
        {
            var input = frame[..there];
            Wire.Server().Read(input, out var result);
            Assert.Equal((ReadStatus.NeedMoreData, 0), (result.Status, result.Consumed));
            Assert.Equal(frame[..there], input);
        }
    }

    [Theory]
    [InlineData("89 fe")]
    [InlineData("8a fe")]
    [InlineData("88 fe")]
    [InlineData("89 ff")]
    [InlineData("88 ff")]
    public void A_control_frame_of_more_than_125_bytes_is_refused(string hex) =>
        Wire.RefusesAtLastByte(() => Wire.Server(), Wire.Bytes(hex), CloseCode.ProtocolError);

    [Theory]
    [InlineData("09")]
    [InlineData("0a")]
    [InlineData("08")]
    public void A_fragmented_control_frame_is_refused(string hex)
    {
        Wire.RefusesAtLastByte(() => Wire.Server(), Wire.Bytes(hex), CloseCode.ProtocolError);
        byte[] inside = [.. Wire.Masked(Opcode.Binary, "01", final: false), .. Wire.Bytes(hex)];
        Wire.RefusesAtLastByte(() => Wire.Server(), inside, CloseCode.ProtocolError);
    }
}
