using VpnWs.Offload;
using VpnWs.Switching;
using VpnWs.Tests.Offload;
using VpnWs.Transport;

namespace VpnWs.Tests.Transport;

public sealed class TapWriterTests
{
    private static readonly FrameSpec Udp = new() { IsUdp = true, Payload = FrameSpec.Bytes(5000), GsoSize = 1000 };

    private readonly PortCounters _counters = new();

    [Fact]
    public void Datagrams_of_one_batch_reach_the_tap_as_one_super_frame()
    {
        using var tap = MakeTap(hasUdpOffload: true);
        Write(tap, [.. Udp.Segments().Select(static segment => (default(VirtioNetHeader), segment))]);
        var (header, frame) = Assert.Single(Written(tap));
        Assert.Equal(Udp.SuperHeader(), header);
        Assert.Equal(Udp.Payload, frame[Udp.HeaderLength..]);
        Assert.Equal((5, 1), (_counters.Snapshot().FramesCoalesced, _counters.Snapshot().SuperFramesSent));
    }

    [Fact]
    public void A_tap_that_takes_no_super_frames_of_UDP_gets_datagrams()
    {
        using var tap = MakeTap(hasUdpOffload: false);
        var expected = Udp.Segments();
        Write(tap, [.. expected.Select(static segment => (default(VirtioNetHeader), segment))]);
        Write(tap, [(Udp.SuperHeader(), Udp.Unfinished())]);
        Assert.Equal([.. expected, .. expected], Written(tap).Select(static written => written.Frame));
        Assert.All(Written(tap), static written => Assert.Equal(default, written.Header));
        Assert.Equal((0, 5), (_counters.Snapshot().FramesCoalesced, _counters.Snapshot().SegmentsCut));
    }

    [Theory]
    [InlineData(255, 0)]
    [InlineData(256, 1)]
    [InlineData(1024, 4)]
    public void Whoever_reads_datagrams_has_a_turn_before_his_socket_is_full(int datagrams, int turns)
    {
        using var tap = MakeTap(hasUdpOffload: true);
        var gaveWay = 0;
        var spec = new FrameSpec { IsUdp = true, Payload = FrameSpec.Bytes(datagrams), GsoSize = 1 };
        Write(tap, [.. spec.Segments().Select(static segment => (default(VirtioNetHeader), segment))], () => gaveWay++);
        Assert.Equal(datagrams, _counters.Snapshot().FramesCoalesced);
        Assert.Equal(turns, gaveWay);
    }

    [Fact]
    public void Nobody_gives_way_for_TCP_which_holds_its_sender_back_itself()
    {
        using var tap = MakeTap(hasUdpOffload: true);
        var spec = new FrameSpec { Payload = FrameSpec.Bytes(600 * 100), GsoSize = 100 };
        Write(tap, [.. spec.Segments().Select(static segment => (default(VirtioNetHeader), segment))], static () => Assert.Fail("gave way"));
        Assert.Equal(600, _counters.Snapshot().FramesCoalesced);
    }

    private static FakeTap MakeTap(bool hasUdpOffload) => new(Ether.Mac(1)) { HasOffload = true, HasUdpOffload = hasUdpOffload };

    private static IEnumerable<(VirtioNetHeader Header, byte[] Frame)> Written(FakeTap tap) =>
        tap.Written.Select(static bytes => (VirtioNetHeader.Read(bytes), bytes[Frame.OffloadHeaderLength..]));

    private void Write(FakeTap tap, (VirtioNetHeader Header, byte[] Bytes)[] frames, Action? giveWay = null)
    {
        var writer = new TapWriter(new TapHolder(tap, null), _counters, giveWay);
        foreach (var (header, bytes) in frames)
        {
            var frame = new Frame(bytes) { Offload = header };
            writer.Write(ref frame);
        }

        writer.Flush();
    }
}
