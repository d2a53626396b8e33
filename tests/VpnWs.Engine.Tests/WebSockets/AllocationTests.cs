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
        Consume(reader, stream, 100);

        Assert.Equal(0, Consume(reader, stream, Messages));
    }

    [Fact]
    public void Putting_fragments_together_allocates_nothing_once_the_pool_is_warm()
    {
        var stream = FragmentationTests.Fragments(Wire.Random(1442), [500, 500, 442], Wire.Key);
        using var reader = Wire.Server();
        Consume(reader, stream, 100);

        Assert.Equal(0, Consume(reader, stream, 1000));
    }

    [Fact]
    public void Writing_and_masking_allocate_nothing()
    {
        var source = Wire.Random(1442);
        var destination = new byte[2000];
        var keys = new MaskKeySource();
        Write(1000);

        Assert.Equal(0, Write(Messages));

        long Write(int times)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < times; i++)
            {
                var key = keys.Next();
                var start = FrameWriter.WriteHeader(destination, Opcode.Binary, source.Length, key);
                Masking.Apply(source, destination.AsSpan(start), key);
                FrameWriter.WriteControl(destination, Opcode.Ping, source.AsSpan(0, 8), key);
                FrameWriter.WriteClose(destination, CloseCode.GoingAway, "the server goes down", null);
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    private static long Consume(FrameReader reader, byte[] stream, int messages)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var seen = 0;
        for (var at = 0; seen < messages;)
        {
            reader.Read(stream.AsSpan(at), out var result);
            if (result.Status == ReadStatus.Message) seen++;
            at = result.Status == ReadStatus.NeedMoreData ? 0 : at + result.Consumed;
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
