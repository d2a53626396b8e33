using VpnWs.WebSockets;

namespace VpnWs.Tests.WebSockets;

public class AllocationTests
{
    private const int Messages = 100_000;

    [Fact]
    public void Reading_whole_messages_allocates_nothing()
    {
        byte[] stream = [
            .. Wire.Masked(Opcode.Binary, Wire.Random(60)),
            .. Wire.Masked(Opcode.Binary, Wire.Random(1442)),
            .. Wire.Masked(Opcode.Binary, Wire.Random(65_540)),
            .. Wire.Masked(Opcode.Ping, Wire.Random(8))];
        using var reader = Wire.Server();

        Assert.Equal(0, LeastAllocated(() => Consume(reader, stream, Messages)));
    }

    [Fact]
    public void Putting_fragments_together_allocates_nothing_once_the_pool_is_warm()
    {
        var stream = FragmentationTests.Fragments(Wire.Random(1442), [500, 500, 442], Wire.Key);
        using var reader = Wire.Server();

        Assert.Equal(0, LeastAllocated(() => Consume(reader, stream, 1000)));
    }

    [Fact]
    public void Writing_and_masking_allocate_nothing()
    {
        var source = Wire.Random(1442);
        var destination = new byte[2000];
        var keys = new MaskKeySource();

        Assert.Equal(0, LeastAllocated(Write));

        void Write()
        {
            for (var i = 0; i < Messages; i++)
            {
                var key = keys.Next();
                var start = FrameWriter.WriteHeader(destination, Opcode.Binary, source.Length, key);
                Masking.Apply(source, destination.AsSpan(start), key);
                FrameWriter.WriteControl(destination, Opcode.Ping, source.AsSpan(0, 8), key);
                FrameWriter.WriteClose(destination, CloseCode.GoingAway, "the server goes down", null);
            }
        }
    }

    // A collection that other tests bring about in the middle can shift the thread's count, and the first round warms things up. What is
    // allocated by the code itself shows in every round.
    private static long LeastAllocated(Action round)
    {
        var least = long.MaxValue;
        for (var i = 0; i < 5 && least > 0; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            round();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }

    private static void Consume(FrameReader reader, byte[] stream, int messages)
    {
        for (int at = 0, seen = 0; seen < messages;)
        {
            reader.Read(stream.AsSpan(at), out var result);
            if (result.Status == ReadStatus.Message) seen++;
            at = result.Status == ReadStatus.NeedMoreData ? 0 : at + result.Consumed;
        }
    }
}
