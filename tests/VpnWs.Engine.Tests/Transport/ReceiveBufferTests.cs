using System.Buffers;
using System.Runtime.InteropServices;
using VpnWs.Tests.WebSockets;
using VpnWs.Transport;

namespace VpnWs.Tests.Transport;

// It shares the count of held buffers with every server in this process.
[Collection(InProcess.Name)]
public sealed class ReceiveBufferTests
{
    private const int HeldAtOnce = 32;

    [Fact]
    public void What_is_received_is_unparsed_until_consumed()
    {
        var buffer = new ReceiveBuffer();
        Receive(buffer, [1, 2, 3]);
        Receive(buffer, [4]);
        Assert.Equal([1, 2, 3, 4], buffer.Unparsed.ToArray());
        buffer.Consume(3);
        Assert.Equal([4], buffer.Unparsed.ToArray());
        buffer.Release();
    }

    [Fact]
    public void There_is_always_room_for_the_longest_message_and_a_stream_passes_whole()
    {
        const int LongestMessage = 65_557 + 10 + 14;
        var random = new Random(7);
        var stream = Wire.Random(8_000_000);
        var buffer = new ReceiveBuffer();
        var parsed = new List<byte>(stream.Length);
        for (var at = 0; at < stream.Length;)
        {
            var room = buffer.Prepare();
            Assert.True(room.Length >= LongestMessage);
            var count = Math.Min(random.Next(1, random.Next(2) == 0 ? 2000 : room.Length + 1), stream.Length - at);
            stream.AsSpan(at, count).CopyTo(room.Span);
            buffer.Received(count);
            at += count;

            // An unfinished message is at most one message long.
            var left = at == stream.Length ? 0 : Math.Min(random.Next(LongestMessage), buffer.Unparsed.Length);
            var done = buffer.Unparsed.Length - left;
            parsed.AddRange(buffer.Unparsed[..done]);
            buffer.Consume(done);
            if (random.Next(4) != 0) continue;
            buffer.Rest();
            buffer.Wake();
        }

        buffer.Release();
        Assert.True(stream.AsSpan().SequenceEqual(parsed.ToArray()));
    }

    [Fact]
    public void A_rest_with_nothing_left_holds_no_memory()
    {
        var buffer = new ReceiveBuffer();
        MemoryMarshal.TryGetArray<byte>(buffer.Prepare(), out var memory);
        Receive(buffer, [1]);
        buffer.Consume(1);
        buffer.Rest();

        // The pool gives a thread first what it took back last.
        var rented = ArrayPool<byte>.Shared.Rent(ReceiveBuffer.Size);
        Assert.Same(memory.Array, rented);
        ArrayPool<byte>.Shared.Return(rented);
        Receive(buffer, [2]);
        Assert.Equal([2], buffer.Unparsed.ToArray());
        buffer.Release();
    }

    [Fact]
    public void An_unfinished_message_survives_a_rest_however_many_rest_at_once()
    {
        var buffers = Enumerable.Range(0, 3 * HeldAtOnce).Select(_ => new ReceiveBuffer()).ToList();
        foreach (var (i, buffer) in buffers.Index())
        {
            Receive(buffer, [0, (byte)i]);
            buffer.Consume(1);
            buffer.Rest();
        }

        foreach (var (i, buffer) in buffers.Index())
        {
            buffer.Wake();
            Receive(buffer, [(byte)~i]);
            Assert.Equal([(byte)i, (byte)~i], buffer.Unparsed.ToArray());
            buffer.Release();
        }
    }

    [Fact]
    public void Those_that_were_released_or_woken_make_room_for_others_to_rest_on_a_large_buffer()
    {
        for (var round = 0; round < 3; round++)
        {
            var buffers = Enumerable.Range(0, HeldAtOnce).Select(_ => new ReceiveBuffer()).ToList();
            foreach (var buffer in buffers)
            {
                Receive(buffer, [1, 2]);
                buffer.Consume(1);
                buffer.Rest();
            }

            foreach (var (i, buffer) in buffers.Index())
            {
                if (i % 2 == 0)
                {
                    // What was moved to a buffer of its own meanwhile would be at the start of the new one.
                    buffer.Wake();
                    Assert.Equal(ReceiveBuffer.Size - 2, buffer.Prepare().Length);
                }

                buffer.Release();
            }
        }
    }

    [Fact]
    public void Bytes_that_came_before_are_taken_in()
    {
        var buffer = new ReceiveBuffer();
        buffer.Append([1, 2]);
        Receive(buffer, [3]);
        Assert.Equal([1, 2, 3], buffer.Unparsed.ToArray());
        buffer.Release();
    }

    private static void Receive(ReceiveBuffer buffer, byte[] bytes)
    {
        bytes.CopyTo(buffer.Prepare());
        buffer.Received(bytes.Length);
    }
}
