using BenchmarkDotNet.Attributes;
using VpnWs.Ethernet;
using VpnWs.Switching;

namespace VpnWs.Benchmarks;

/// <summary>Where a frame goes, with few ports and with many: to the same station again, and to another one each time.</summary>
[MemoryDiagnoser]
public class ForwardingBenchmarks
{
    private const int Destinations = 4096;

    private readonly byte[][] _frames = new byte[Destinations][];
    private readonly MacAddress[] _addresses = new MacAddress[Destinations];
    private VirtualSwitch _fabric = null!;
    private ForwardingTable _table = null!;
    private Port _source = null!;
    private int _next;

    [Params(10, 10_000)]
    public int Ports { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        _fabric = new VirtualSwitch(new SwitchOptions(), new Nobody());
        _table = new ForwardingTable();
        for (var i = 1; i <= Ports; i++)
        {
            var port = new Port(i);
            _source ??= port;
            _fabric.Add(port, AddressOf(i), 0);
            _table.Add(AddressOf(i), port, 0);
        }

        var random = new Random(1);
        for (var i = 0; i < Destinations; i++)
        {
            _addresses[i] = AddressOf(random.Next(2, Ports + 1));
            _frames[i] = SampleFrames.Between(AddressOf(1), _addresses[i], SampleFrames.Small);
        }
    }

    [Benchmark]
    public int ForwardToTheSame() => (int)_fabric.Forward(_source, _frames[0], SampleFrames.Full, 1).Kind;

    [Benchmark]
    public int ForwardToAnother() => (int)_fabric.Forward(_source, _frames[_next++ % Destinations], SampleFrames.Full, 1).Kind;

    [Benchmark]
    public bool Lookup() => _table.Find(_addresses[_next++ % Destinations]) is not null;

    private static MacAddress AddressOf(int number) => new(0x02_00_00_00_00_00 + (ulong)number);

    private sealed class Port(long id) : SwitchPort(id);
}
