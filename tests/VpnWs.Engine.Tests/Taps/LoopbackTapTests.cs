using System.Buffers.Binary;
using VpnWs.Ethernet;
using VpnWs.Taps;

namespace VpnWs.Tests.Taps;

public sealed class LoopbackTapTests
{
    private const int Room = EthernetFrame.MaxLength + 10;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public void What_one_end_writes_the_other_reads_whole_and_in_order()
    {
        var (a, b) = LoopbackTap.CreatePair();
        byte[][] frames = [Frame(1, 14), Frame(2, 60), Frame(3, 1514), Frame(4, 9014), Frame(5, EthernetFrame.MaxLength)];
        foreach (var frame in frames) Assert.Equal(TapStatus.Done, a.Write(frame));
        foreach (var frame in frames) Assert.Equal(frame, Read(b));
        Assert.Equal(TapStatus.WouldBlock, b.Read(new byte[Room], out var length));
        Assert.Equal(0, length);
    }

    [Fact]
    public void Both_directions_are_apart()
    {
        var (a, b) = LoopbackTap.CreatePair();
        a.Write(Frame(1, 60));
        b.Write(Frame(2, 60));
        Assert.Equal(Frame(2, 60), Read(a));
        Assert.Equal(Frame(1, 60), Read(b));
        Assert.Same(b, a.Peer);
        Assert.Same(a, b.Peer);
    }

    [Fact]
    public void A_frame_is_copied_so_that_the_writer_may_reuse_its_buffer()
    {
        var (a, b) = LoopbackTap.CreatePair();
        var frame = Frame(1, 60);
        a.Write(frame);
        frame.AsSpan().Clear();
        Assert.Equal(Frame(1, 60), Read(b));
    }

    [Fact]
    public void Names_addresses_and_MTU_are_as_given()
    {
        var mac = MacAddress.Parse("02:00:00:00:00:07");
        var (a, b) = LoopbackTap.CreatePair("left", "right", addressA: mac, mtu: 9000, offload: true);
        Assert.Equal(("left", "right", mac, 9000, 9000, true), (a.Name, b.Name, a.Address, a.Mtu, b.Mtu, b.HasOffload));
        Assert.True(b.Address.IsLocal);
        Assert.False(b.Address.IsGroup);
        Assert.NotEqual(a.Address, b.Address);
    }

    [Theory]
    [InlineData(67, 1)]
    [InlineData(65536, 1)]
    [InlineData(1500, 0)]
    public void An_MTU_or_capacity_out_of_range_is_refused(int mtu, int capacity) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => LoopbackTap.CreatePair(mtu: mtu, capacityFrames: capacity));

    [Theory]
    [InlineData(false, 0)]
    [InlineData(false, 13)]
    [InlineData(false, EthernetFrame.MaxLength + 1)]
    [InlineData(true, 23)]
    [InlineData(true, EthernetFrame.MaxLength + 11)]
    public void A_frame_of_an_impossible_length_is_refused(bool offload, int length)
    {
        var (a, b) = LoopbackTap.CreatePair(offload: offload);
        Assert.Equal(TapStatus.Refused, a.Write(new byte[length]));
        Assert.Equal(TapStatus.WouldBlock, b.Read(new byte[Room], out _));
    }

    [Fact]
    public void The_largest_frame_passes_with_its_offload_header()
    {
        var (a, b) = LoopbackTap.CreatePair(offload: true);
        var frame = Frame(1, EthernetFrame.MaxLength + 10);
        Assert.Equal(TapStatus.Done, a.Write(frame));
        Assert.Equal(frame, Read(b));
    }

    [Theory]
    [InlineData(false, EthernetFrame.MaxLength)]
    [InlineData(true, EthernetFrame.MaxLength + 10)]
    public void A_buffer_that_could_cut_a_frame_is_refused(bool offload, int least)
    {
        var (a, b) = LoopbackTap.CreatePair(offload: offload);
        a.Write(Frame(1, 60));
        Assert.Throws<ArgumentException>(() => b.Read(new byte[least - 1], out _));
        Assert.Equal(TapStatus.Done, b.Read(new byte[least], out _));
    }

    [Fact]
    public void A_full_queue_refuses_and_counts_and_takes_again_once_read()
    {
        var (a, b) = LoopbackTap.CreatePair(capacityFrames: 2);
        Assert.Equal(TapStatus.Done, a.Write(Frame(1, 60)));
        Assert.Equal(TapStatus.Done, a.Write(Frame(2, 60)));
        Assert.Equal(TapStatus.WouldBlock, a.Write(Frame(3, 60)));
        Assert.Equal(TapStatus.WouldBlock, a.Write(Frame(3, 60)));
        Assert.Equal((0L, 2L), (a.Overflows, b.Overflows));
        Assert.Equal(Frame(1, 60), Read(b));
        Assert.Equal(TapStatus.Done, a.Write(Frame(4, 60)));
        Assert.Equal(Frame(2, 60), Read(b));
        Assert.Equal(Frame(4, 60), Read(b));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void While_either_end_is_down_writes_say_so_and_both_work_again_once_up(bool near)
    {
        var (a, b) = LoopbackTap.CreatePair();
        a.Write(Frame(1, 60));
        var end = near ? a : b;
        end.IsUp = false;
        Assert.Equal((TapStatus.Down, TapStatus.Down), (a.Write(Frame(2, 60)), b.Write(Frame(3, 60))));
        Assert.Equal(Frame(1, 60), Read(b));
        end.IsUp = true;
        Assert.Equal((TapStatus.Done, TapStatus.Done), (a.Write(Frame(4, 60)), b.Write(Frame(5, 60))));
        Assert.Equal(Frame(4, 60), Read(b));
        Assert.Equal(Frame(5, 60), Read(a));
    }

    [Fact]
    public void After_disposal_the_other_end_drains_what_was_written_then_finds_the_tap_gone()
    {
        var (a, b) = LoopbackTap.CreatePair();
        a.Write(Frame(1, 60));
        a.Dispose();
        Assert.Equal(TapStatus.Gone, b.Write(Frame(2, 60)));
        Assert.Equal(Frame(1, 60), Read(b));
        Assert.Equal(TapStatus.Gone, b.Read(new byte[Room], out _));
        Assert.Equal(1500, b.Mtu);
    }

    [Fact]
    public void A_disposed_end_is_gone_for_every_call_and_may_be_disposed_twice()
    {
        var (a, b) = LoopbackTap.CreatePair();
        b.Write(Frame(1, 60));
        a.Dispose();
        a.Dispose();
        Assert.Equal(TapStatus.Gone, a.Read(new byte[Room], out _));
        Assert.Equal(TapStatus.Gone, a.Write(Frame(1, 60)));
        Assert.Throws<TapException>(() => a.Address);
        Assert.Throws<TapException>(() => a.Mtu);
        a.Wake();
        a.Wait(Timeout.Infinite);
    }

    [Fact]
    public void A_wake_ends_one_wait_even_when_it_comes_first()
    {
        var (a, _) = LoopbackTap.CreatePair();
        a.Wake();
        a.Wait(Timeout.Infinite);
        var clock = Environment.TickCount64;
        a.Wait(50);
        Assert.InRange(Environment.TickCount64 - clock, 40, Patience.TotalMilliseconds);
    }

    [Fact]
    public void A_waiting_frame_ends_a_wait_at_once()
    {
        var (a, b) = LoopbackTap.CreatePair();
        a.Write(Frame(1, 60));
        b.Wait(Timeout.Infinite);
        b.Wait(Timeout.Infinite);
        Assert.Equal(Frame(1, 60), Read(b));
        b.Wait(0);
        Assert.Throws<ArgumentOutOfRangeException>(() => b.Wait(-2));
    }

    [Theory]
    [InlineData("write")]
    [InlineData("wake")]
    [InlineData("dispose")]
    [InlineData("dispose peer")]
    public void A_wait_without_end_is_ended_from_another_thread(string by)
    {
        var (a, b) = LoopbackTap.CreatePair();
        Thread waiter = new(() => a.Wait(Timeout.Infinite)) { IsBackground = true };
        waiter.Start();
        switch (by)
        {
            case "write": b.Write(Frame(1, 60)); break;
            case "wake": a.Wake(); break;
            case "dispose": a.Dispose(); break;
            default: b.Dispose(); break;
        }

        Assert.True(waiter.Join(Patience));
    }

    [Fact]
    public void Many_writers_lose_nothing_and_each_ones_frames_stay_in_order()
    {
        const int Writers = 4;
        const int Each = 5000;
        var (a, b) = LoopbackTap.CreatePair(capacityFrames: 64);
        var threads = Enumerable.Range(0, Writers).Select(writer => new Thread(() => WriteAll(a, writer, Each)) { IsBackground = true }).ToArray();
        foreach (var thread in threads) thread.Start();

        var next = new int[Writers];
        var buffer = new byte[Room];
        for (var read = 0; read < Writers * Each;)
        {
            if (b.Read(buffer, out var length) == TapStatus.WouldBlock)
            {
                b.Wait((int)Patience.TotalMilliseconds);
                continue;
            }

            Assert.Equal(64, length);
            var writer = BinaryPrimitives.ReadInt32LittleEndian(buffer.AsSpan(14));
            Assert.Equal(next[writer]++, BinaryPrimitives.ReadInt32LittleEndian(buffer.AsSpan(18)));
            read++;
        }

        foreach (var thread in threads) Assert.True(thread.Join(Patience));
        Assert.Equal(TapStatus.WouldBlock, b.Read(buffer, out _));
    }

    [Fact]
    public void Frames_pass_without_allocation()
    {
        var (a, b) = LoopbackTap.CreatePair();
        var frame = Frame(1, 1514);
        var buffer = new byte[Room];
        for (var i = 0; i < 100; i++) Pass();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++) Pass();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Pass()
        {
            a.Write(frame);
            b.Read(buffer, out _);
        }
    }

    private static void WriteAll(LoopbackTap tap, int writer, int count)
    {
        var frame = new byte[64];
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(14), writer);
        for (var i = 0; i < count; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(18), i);
            while (tap.Write(frame) == TapStatus.WouldBlock) Thread.Yield();
        }
    }

    private static byte[] Frame(byte seed, int length)
    {
        var frame = new byte[length];
        new Random(seed).NextBytes(frame);
        return frame;
    }

    private static byte[] Read(LoopbackTap tap)
    {
        var buffer = new byte[Room];
        Assert.Equal(TapStatus.Done, tap.Read(buffer, out var length));
        return buffer[..length];
    }
}
