using VpnWs.Server;

namespace VpnWs.Tests.Server;

public sealed class RefusalReporterTests
{
    private readonly List<ServerEvent> _events = [];
    private readonly RefusalReporter _reporter;

    public RefusalReporterTests() => _reporter = new RefusalReporter(_events.Add);

    [Fact]
    public void A_few_refusals_are_reported_one_by_one()
    {
        for (var i = 0; i < 20; i++) _reporter.Refused($"192.0.2.{i}", "why", now: i);
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"192.0.2.{i}"), _events.Cast<PeerRefused>().Select(e => e.RemoteAddress));
    }

    [Fact]
    public void Of_many_refusals_only_the_number_is_told_when_their_time_is_over()
    {
        for (var i = 0; i < 5000; i++) _reporter.Refused("192.0.2.1", "why", now: 1000);
        Assert.Equal(20, _events.Count);
        _reporter.Tick(10_999);
        Assert.Equal(20, _events.Count);
        _reporter.Tick(11_000);
        Assert.Equal(4980, Assert.IsType<RefusalsLeftOut>(_events[^1]).Count);
        _reporter.Tick(30_000);
        Assert.Equal(21, _events.Count);
    }

    [Fact]
    public void After_a_quiet_time_refusals_are_reported_one_by_one_again()
    {
        for (var i = 0; i < 100; i++) _reporter.Refused("192.0.2.1", "why", now: 0);
        _reporter.Refused("192.0.2.2", "later", now: 10_000);
        Assert.Equal([80L], _events.OfType<RefusalsLeftOut>().Select(e => e.Count));
        Assert.Equal("192.0.2.2", Assert.IsType<PeerRefused>(_events[^1]).RemoteAddress);
    }
}
