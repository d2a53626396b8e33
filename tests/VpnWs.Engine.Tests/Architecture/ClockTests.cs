using VpnWs.Server;

namespace VpnWs.Tests.Architecture;

/// <summary>A clock that is set, or jumps, changes nothing but the times that people are told: everything that waits goes by the monotonic clock.</summary>
public sealed class ClockTests
{
    private static readonly CompiledReferences Engine = new(typeof(VpnWsServer).Assembly);

    [Fact]
    public void The_wall_clock_is_asked_only_for_the_times_of_events_and_of_joining() =>
        Assert.Equal(["ClientEvent", "PeerPort", "ServerEvent"], Engine.CallersOf(typeof(DateTimeOffset), "get_Now", "get_UtcNow"));

    [Fact]
    public void Nothing_else_knows_what_time_it_is() =>
        Assert.Empty(Engine.CallersOf(typeof(DateTime), "get_Now", "get_UtcNow", "get_Today"));
}
