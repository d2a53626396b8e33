using VpnWs.Switching;
using static VpnWs.Tests.Switching.Lan;

namespace VpnWs.Tests.Switching;

public class CounterTests
{
    [Fact]
    public void A_port_counts_frames_and_bytes_both_ways_and_drops_by_reason()
    {
        var counters = new PortCounters();
        counters.CountReceived(60);
        counters.CountReceived(1514);
        counters.CountSent(3, 180);
        counters.CountDrop(DropReason.OutboxFull);
        counters.CountDrop(DropReason.OutboxFull);
        counters.CountDrop(DropReason.PortClosed);
        Assert.Equal((2, 1574, 3, 180), (counters.FramesReceived, counters.BytesReceived, counters.FramesSent, counters.BytesSent));
        Assert.Equal((2, 1, 0), (counters.Drops(DropReason.OutboxFull), counters.Drops(DropReason.PortClosed), counters.Drops(DropReason.Runt)));
        Assert.Equal(new Dictionary<string, long> { ["outboxFull"] = 2, ["portClosed"] = 1 }, counters.DropsByReason());
    }

    [Fact]
    public void A_snapshot_stands_still()
    {
        var counters = new PortCounters();
        counters.CountSent(1, 60);
        var snapshot = counters.Snapshot();
        counters.CountSent(1, 60);
        counters.CountReceived(60);
        counters.CountDrop(DropReason.Runt);
        Assert.Equal((0, 0, 1, 60), (snapshot.FramesReceived, snapshot.BytesReceived, snapshot.FramesSent, snapshot.BytesSent));
        Assert.Empty(snapshot.DropsByReason());
        Assert.Equal(0, snapshot.Drops(DropReason.Runt));
    }

    [Fact]
    public void Every_reason_has_a_name_of_its_own_in_camel_case()
    {
        var names = Enum.GetValues<DropReason>().Select(DropReasonNames.Of).ToArray();
        Assert.Equal(DropReasonNames.Count, names.Distinct().Count());
        Assert.All(names, static name => Assert.Matches("^[a-z][A-Za-z]+$", name));
        Assert.Equal("sourceEqualsDestination", DropReasonNames.Of(DropReason.SourceEqualsDestination));
    }

    [Fact]
    public void Many_threads_may_count_what_is_sent_and_dropped()
    {
        var counters = new PortCounters();
        Parallel.For(0, 4, _ =>
        {
            for (var i = 0; i < 50_000; i++)
            {
                counters.CountSent(1, 10);
                counters.CountDrop(DropReason.OutboxFull);
            }
        });
        Assert.Equal((200_000, 2_000_000), (counters.FramesSent, counters.BytesSent));
        Assert.Equal(200_000, counters.Drops(DropReason.OutboxFull));
    }

    [Fact]
    public void The_totals_of_the_switch_keep_what_ports_that_left_had_counted()
    {
        var lan = new Lan();
        var (one, two) = (lan.Join(A), lan.Join(B));
        one.Counters.CountReceived(60);
        two.Counters.CountSent(1, 60);
        lan.Send(one, A, Nobody);
        lan.Send(two, B, Nobody);
        Check(ports: 2, addresses: 2);
        lan.Switch.Remove(one);
        lan.Switch.Remove(one);
        Check(ports: 1, addresses: 1);
        lan.Switch.Remove(two);
        Check(ports: 0, addresses: 0);

        void Check(int ports, int addresses)
        {
            var totals = lan.Switch.Totals();
            Assert.Equal((ports, addresses), (totals.Ports, totals.Addresses));
            var sums = totals.Counters;
            Assert.Equal((1, 60, 1, 60), (sums.FramesReceived, sums.BytesReceived, sums.FramesSent, sums.BytesSent));
            Assert.Equal(new Dictionary<string, long> { ["unknownDestination"] = 2 }, sums.DropsByReason());
        }
    }
}
