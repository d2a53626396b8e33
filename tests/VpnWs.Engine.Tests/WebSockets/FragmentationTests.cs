using VpnWs.WebSockets;

namespace VpnWs.Tests.WebSockets;

/// <summary>RFC 6455 section 5.4.</summary>
public class FragmentationTests
{
    [Theory]
    [InlineData(new[] { 3, 2 })]
    [InlineData(new[] { 1, 1, 1, 1, 1 })]
    [InlineData(new[] { 0, 5, 0 })]
    [InlineData(new[] { 0, 0 })]
    [InlineData(new[] { 1000, 442 })]
    [InlineData(new[] { 65_536, 13 })]
    [InlineData(new[] { 13, 65_536 })]
    [InlineData(new[] { 200, 1, 30_000, 126 })]
    public void Fragments_are_put_together_unmasked(int[] sizes)
    {
        var payload = Wire.Random(sizes.Sum());
        var expected = new Item(ReadStatus.Message, Wire.Hex(payload));
        foreach (var key in (byte[]?[])[Wire.Key, null])
        {
            var stream = Fragments(payload, sizes, key);
            Assert.Equal([expected], Wire.ReadAll(key is null ? Wire.Client() : Wire.Server(), stream));
            Assert.Equal([expected], Wire.ReadInPieces(key is null ? Wire.Client() : Wire.Server(), stream, [1, 2, 3, 1000]));
        }
    }

    [Fact]
    public void An_assembled_message_comes_with_no_mask_key()
    {
        Wire.Server().Read(Fragments(Wire.Random(10), [4, 6], Wire.Key), out var result);

        Assert.Equal((ReadStatus.Message, 0u), (result.Status, result.MaskKey));
        Assert.Equal(Wire.Hex(Wire.Random(10)), Wire.Hex(result.Payload));
    }

    [Fact]
    public void Whole_fragments_are_consumed_and_a_partial_one_is_not()
    {
        var first = Wire.Masked(Opcode.Binary, Wire.Random(30), final: false);
        var second = Wire.Masked(Opcode.Continuation, Wire.Random(40));
        var reader = Wire.Server();

        reader.Read([.. first, .. second[..^1]], out var part);
        Assert.Equal((ReadStatus.NeedMoreData, first.Length), (part.Status, part.Consumed));

        reader.Read(second, out var whole);
        Assert.Equal((ReadStatus.Message, second.Length, 70), (whole.Status, whole.Consumed, whole.Payload.Length));
    }

    [Fact]
    public void Control_frames_between_fragments_come_at_once_and_spoil_nothing()
    {
        var items = Wire.ReadAll(
            Wire.Server(),
            Wire.Masked(Opcode.Binary, "01", final: false),
            Wire.Masked(Opcode.Ping, "aa"),
            Wire.Masked(Opcode.Continuation, "02", final: false),
            Wire.Masked(Opcode.Pong, "bb"),
            Wire.Masked(Opcode.Ping, ""),
            Wire.Masked(Opcode.Continuation, "03"),
            Wire.Masked(Opcode.Binary, "04"));

        Assert.Equal(
            [
                new(ReadStatus.Ping, "aa"), new(ReadStatus.Pong, "bb"), new(ReadStatus.Ping),
                new(ReadStatus.Message, "010203"), new Item(ReadStatus.Message, "04"),
            ],
            items);
    }

    [Fact]
    public void A_close_between_fragments_ends_the_connection()
    {
        var items = Wire.ReadAll(Wire.Server(), Wire.Masked(Opcode.Binary, "01", final: false), Wire.Masked(Opcode.Close, "03e8"));

        Assert.Equal([new Item(ReadStatus.Close, Code: CloseCode.Normal)], items);
    }

    [Theory]
    [InlineData("80")]
    [InlineData("00")]
    public void A_continuation_without_a_start_is_refused(string hex)
    {
        Wire.RefusesAtLastByte(() => Wire.Server(), Wire.Bytes(hex), CloseCode.ProtocolError);
        Wire.RefusesAtLastByte(() => Wire.Server(), [.. Wire.Masked(Opcode.Binary, "01"), .. Wire.Bytes(hex)], CloseCode.ProtocolError);
        byte[] afterFragments = [.. Fragments(new byte[2], [1, 1], Wire.Key), .. Wire.Bytes(hex)];
        Wire.RefusesAtLastByte(() => Wire.Server(), afterFragments, CloseCode.ProtocolError);
    }

    [Theory]
    [InlineData("82")]
    [InlineData("02")]
    [InlineData("81")]
    [InlineData("01")]
    public void A_new_message_inside_a_fragmented_one_is_refused(string hex)
    {
        byte[] stream = [.. Wire.Masked(Opcode.Binary, "01", final: false), .. Wire.Bytes(hex)];

        Wire.RefusesAtLastByte(() => Wire.Server(), stream, CloseCode.ProtocolError);
    }

    [Fact]
    public void A_whole_binary_frame_inside_a_fragmented_message_does_not_slip_through_the_fast_path()
    {
        var items = Wire.ReadAll(
            Wire.Server(), Wire.Masked(Opcode.Binary, "01", final: false), Wire.Masked(Opcode.Binary, Wire.Random(60)));

        Assert.Equal(CloseCode.ProtocolError, Assert.Single(items).Code);
    }

    [Fact]
    public void The_limit_counts_the_fragments_together()
    {
        byte[] start = [.. Wire.Masked(Opcode.Binary, Wire.Random(60), false), .. Wire.Masked(Opcode.Continuation, Wire.Random(30), false)];

        Wire.RefusesAtLastByte(() => Wire.Server(100), [.. start, .. Wire.Bytes("80 8b")], CloseCode.MessageTooBig);
        Wire.RefusesAtLastByte(() => Wire.Server(100), [.. start, .. Wire.Bytes("00 fe 00 7e")], CloseCode.MessageTooBig);
        var atLimit = Wire.ReadAll(Wire.Server(100), start, Wire.Masked(Opcode.Continuation, Wire.Random(10)));
        Assert.Equal(200, Assert.Single(atLimit).Payload.Length);
    }

    [Fact]
    public void The_limit_starts_anew_with_every_message()
    {
        var message = Fragments(Wire.Random(100), [50, 50], Wire.Key);

        var items = Wire.ReadAll(Wire.Server(100), message, message, Wire.Masked(Opcode.Binary, Wire.Random(100)), message);

        Assert.Equal(4, items.Count);
        Assert.All(items, item => Assert.Equal(new Item(ReadStatus.Message, Wire.Hex(Wire.Random(100))), item));
    }

    [Fact]
    public void Memory_grows_with_the_bytes_received_and_not_with_those_claimed()
    {
        using var reader = Wire.Server();
        var claimed = Wire.Masked(Opcode.Binary, Wire.Random(60_000), final: false);

        reader.Read(claimed.AsSpan(0, 1000), out _);
        Assert.Equal(0, reader.HeldBytes);

        Wire.ReadAll(reader, Wire.Masked(Opcode.Binary, "01", final: false));
        for (var received = 1; received <= 5000; received++)
        {
            Assert.InRange(reader.HeldBytes, received, Math.Max(32, 4 * received));
            Wire.ReadAll(reader, Wire.Masked(Opcode.Continuation, "02", final: false));
        }
    }

    [Fact]
    public void Empty_fragments_cost_no_memory_and_do_not_stand_still()
    {
        using var reader = Wire.Server();
        var start = Wire.Masked(Opcode.Binary, "", final: false);
        var many = Enumerable.Repeat(Wire.Masked(Opcode.Continuation, "", final: false), 10_000).SelectMany(frame => frame).ToArray();

        reader.Read(start, out var first);
        reader.Read(many, out var second);

        Assert.Equal((ReadStatus.NeedMoreData, start.Length), (first.Status, first.Consumed));
        Assert.Equal((ReadStatus.NeedMoreData, many.Length), (second.Status, second.Consumed));
        Assert.Equal(0, reader.HeldBytes);
    }

    [Fact]
    public void The_memory_of_a_message_goes_back_with_the_next_call()
    {
        using var reader = Wire.Server();

        reader.Read(Fragments(Wire.Random(1000), [500, 500], Wire.Key), out var message);
        Assert.Equal(1000, message.Payload.Length);
        Assert.InRange(reader.HeldBytes, 1000, 4000);

        reader.Read([], out _);
        Assert.Equal(0, reader.HeldBytes);
    }

    [Theory]
    [InlineData("81")]
    [InlineData("88 80 37fa213d")]
    public void The_memory_of_an_unfinished_message_goes_back_when_the_connection_ends(string end)
    {
        using var reader = Wire.Server();
        Wire.ReadAll(reader, Wire.Masked(Opcode.Binary, Wire.Random(1000), final: false));
        Assert.InRange(reader.HeldBytes, 1000, 4000);

        reader.Read(Wire.Bytes(end), out _);

        Assert.Equal(0, reader.HeldBytes);
    }

    [Fact]
    public void Dispose_gives_the_memory_back_once()
    {
        var reader = Wire.Server();
        Wire.ReadAll(reader, Wire.Masked(Opcode.Binary, Wire.Random(1000), final: false));

        reader.Dispose();
        Assert.Equal(0, reader.HeldBytes);
        reader.Dispose();
    }

    internal static byte[] Fragments(ReadOnlySpan<byte> payload, int[] sizes, byte[]? key)
    {
        var stream = new List<byte>();
        for (int i = 0, at = 0; i < sizes.Length; at += sizes[i], i++)
        {
            var opcode = i == 0 ? Opcode.Binary : Opcode.Continuation;
            stream.AddRange(Wire.Frame(opcode, payload.Slice(at, sizes[i]), key, i == sizes.Length - 1));
        }

        return [.. stream];
    }
}
