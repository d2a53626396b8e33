using System.Text;
using BenchmarkDotNet.Attributes;
using VpnWs.Ethernet;
using VpnWs.Switching;
using VpnWs.Switching.Guards;

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
    private Port _ruled = null!;
    private Port _limited = null!;
    private byte[] _ofRuled = [];
    private byte[] _ofLimited = [];
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

        _ruled = Join(Ports + 1, "{}");
        _limited = Join(Ports + 2, """{ "ips": [ "0.0.0.0" ], "uploadLimit": "1000G", "frameLimit": "1000G", "isolationGroup": "x", "macs": [] }""");
        _ofRuled = SampleFrames.TcpSuperFrame(AddressOf(Ports + 1), AddressOf(2)).Frame;
        _ofLimited = SampleFrames.TcpSuperFrame(AddressOf(Ports + 2), AddressOf(2)).Frame;
        var random = new Random(1);
        for (var i = 0; i < Destinations; i++)
        {
            _addresses[i] = AddressOf(random.Next(2, Ports + 1));
            _frames[i] = SampleFrames.Between(AddressOf(1), _addresses[i], SampleFrames.Small);
        }
    }

    [Benchmark]
    public int ForwardToTheSame() => (int)_fabric.Forward(_source, _frames[0], SampleFrames.Full, 1).Kind;

    /// <summary>A peer of a server with rules that say nothing of it: DHCP and router guard, no tags.</summary>
    [Benchmark]
    public int ForwardPastDefaultRules() => (int)_fabric.Forward(_ruled, _ofRuled.AsSpan(0, 256), SampleFrames.Full, 1).Kind;

    /// <summary>A peer with every limit there is, none of which is reached.</summary>
    [Benchmark]
    public int ForwardPastEveryLimit() => (int)_fabric.Forward(_limited, _ofLimited.AsSpan(0, 256), SampleFrames.Full, _next++ >> 10).Kind;

    [Benchmark]
    public int ForwardToAnother() => (int)_fabric.Forward(_source, _frames[_next++ % Destinations], SampleFrames.Full, 1).Kind;

    [Benchmark]
    public bool Lookup() => _table.Find(_addresses[_next++ % Destinations]) is not null;

    private Port Join(int number, string rule)
    {
        var rules = new PeerRules([], PortLimits.Parse(Encoding.UTF8.GetBytes(rule)));
        var port = new Port(number);
        _fabric.Add(port, AddressOf(number), 0);
        _fabric.Configure(port, new PortSettings(rules.Defaults, isBridge: false), 0);
        var decision = _fabric.Forward(port, SampleFrames.TcpSuperFrame(AddressOf(number), AddressOf(2)).Frame.AsSpan(0, 256), SampleFrames.Full, 0);
        return decision.Kind == ForwardingKind.Unicast ? port : throw new InvalidOperationException($"{decision.Kind} {decision.Reason}");
    }

    private static MacAddress AddressOf(int number) => new(0x02_00_00_00_00_00 + (ulong)number);

    private sealed class Port(long id) : SwitchPort(id);
}
