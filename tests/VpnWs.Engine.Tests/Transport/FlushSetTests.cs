using VpnWs.Transport;

namespace VpnWs.Tests.Transport;

public sealed class FlushSetTests
{
    [Fact]
    public void Each_port_is_flushed_once_however_often_it_was_touched()
    {
        var set = new FlushSet();
        var ports = Ports(3);
        for (var i = 0; i < 10; i++) set.Add(ports[i % 3], 0);
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
        var ports = Ports(100);
        foreach (var port in ports) set.Add(port, 0);
        Assert.Null(set.Flush(0));
        Assert.All(ports, port => Assert.Equal(1, port.Flushes));
    }

    private static List<Port> Ports(int count) => [.. Enumerable.Range(1, count).Select(id => new Port(id))];

    private sealed class Port(long id) : EnginePort(id)
    {
        public int Flushes { get; private set; }

        public override void Enqueue(ref Frame frame) => throw new NotSupportedException();

        public override void Flush() => Flushes++;
    }
}
