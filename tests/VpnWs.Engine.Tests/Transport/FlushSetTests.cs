using VpnWs.Transport;

namespace VpnWs.Tests.Transport;

public sealed class FlushSetTests
{
    [Fact]
    public void Each_port_is_flushed_once_however_often_it_was_touched()
    {
        var set = new FlushSet();
        var ports = Ports(3);
        for (var i = 0; i < 10; i++) set.Add(ports[i % 3], isUnicast: true);
        Assert.All(ports, port => Assert.Equal(0, port.Flushes));
        Assert.Null(set.Flush(0));
        Assert.All(ports, port => Assert.Equal(1, port.Flushes));
        Assert.Null(set.Flush(0));
        Assert.All(ports, port => Assert.Equal(1, port.Flushes));
    }

    [Fact]
    public void More_ports_than_it_can_note_are_all_flushed()
    {
        var set = new FlushSet();
        var ports = Ports(1000);
        foreach (var port in ports) set.Add(port, isUnicast: false);
        Assert.Null(set.Flush(0));
        Assert.All(ports, port => Assert.Equal(1, port.Flushes));
    }

    [Theory]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(256)]
    public void A_batch_of_floods_is_flushed_once_to_each_of_so_many_ports_time_and_again(int count)
    {
        var set = new FlushSet();
        var ports = Ports(count);
        for (var batch = 1; batch <= 3; batch++)
        {
            for (var frame = 0; frame < 50; frame++)
            {
                foreach (var port in ports) set.Add(port, isUnicast: false);
            }

            Assert.All(ports, port => Assert.Equal(batch - 1, port.Flushes));
            Assert.Null(set.Flush(0));
            Assert.All(ports, port => Assert.Equal(batch, port.Flushes));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_sender_is_told_of_a_congested_outbox_unless_it_floods(bool isUnicast)
    {
        using var channel = new FakeChannel { Room = 0 };
        var outbox = new Outbox(channel, 100, _ => { });
        var set = new FlushSet();
        set.Add(new Port(1) { Queue = outbox }, isUnicast);
        Assert.Null(set.Flush(0));

        outbox.TryAppend(new byte[51]);
        set.Add(new Port(1) { Queue = outbox }, isUnicast);
        Assert.Same(isUnicast ? outbox : null, set.Flush(0));
        Assert.Null(set.Flush(0));
    }

    [Fact]
    public void A_congested_outbox_is_told_of_even_when_the_set_overflows_with_its_port()
    {
        using var channel = new FakeChannel { Room = 0 };
        var outbox = new Outbox(channel, 100, _ => { });
        var set = new FlushSet();
        var congested = new Port(1) { Queue = outbox };
        set.Add(congested, isUnicast: true);
        Assert.Null(set.Flush(0));
        outbox.TryAppend(new byte[51]);
        foreach (var port in Ports(256)) set.Add(port, isUnicast: false);
        set.Add(congested, isUnicast: true);
        Assert.Same(outbox, set.Flush(0));
    }

    private static List<Port> Ports(int count) => [.. Enumerable.Range(1, count).Select(id => new Port(id))];

    private sealed class Port(long id) : EnginePort(id)
    {
        public int Flushes { get; private set; }

        public Outbox? Queue { get; init; }

        public override Outbox? Outbox => Queue;

        public override void Enqueue(ref Frame frame) => throw new NotSupportedException();

        public override void Flush() => Flushes++;
    }
}
