using FsCheck.Fluent;
using VpnWs.Client;
using VpnWs.Tests.Http;

namespace VpnWs.Tests.Client;

public sealed class ReconnectDelayTests
{
    private const double Middle = 0.5;
    private static readonly TimeSpan Maximum = TimeSpan.FromSeconds(30);

    [Fact]
    public void The_first_pause_is_none_and_then_they_double_up_to_the_bound()
    {
        var delay = new ReconnectDelay(Maximum);
        Assert.Equal([0, 0.5, 1, 2, 4, 8, 16, 30, 30], Enumerable.Range(0, 9).Select(_ => delay.Next(Middle).TotalSeconds));
    }

    [Fact]
    public void A_link_that_held_starts_it_anew()
    {
        var delay = new ReconnectDelay(Maximum);
        for (var i = 0; i < 6; i++) delay.Next(Middle);
        delay.Reset();
        Assert.Equal([0, 0.5, 1], Enumerable.Range(0, 3).Select(_ => delay.Next(Middle).TotalSeconds));
    }

    [Fact]
    public void Jitter_spreads_a_pause_by_a_quarter_either_way_and_never_over_the_bound() => Checks.Hold(
        from jitter in Gen.Choose(0, 1_000_000)
        from number in Gen.Choose(0, 12)
        select (Jitter: jitter / 1e6, Number: number),
        attempt =>
        {
            var (plain, spread) = (new ReconnectDelay(Maximum), new ReconnectDelay(Maximum));
            for (var i = 0; i < attempt.Number; i++)
            {
                plain.Next(Middle);
                spread.Next(Middle);
            }

            var (middle, pause) = (plain.Next(Middle).TotalSeconds, spread.Next(attempt.Jitter).TotalSeconds);
            Assert.InRange(pause, Math.Min(0.75 * middle, 30) - 1e-6, Math.Min(1.25 * middle, 30) + 1e-6);
        });

    [Fact]
    public void Jitter_makes_clients_come_at_different_times()
    {
        static double Third(double jitter)
        {
            var delay = new ReconnectDelay(Maximum);
            for (var i = 0; i < 2; i++) delay.Next(jitter);
            return delay.Next(jitter).TotalSeconds;
        }

        Assert.Equal(0.75, Third(0), 6);
        Assert.Equal(1.25, Third(1), 6);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.2)]
    public void A_bound_under_the_first_pause_holds(double seconds)
    {
        var delay = new ReconnectDelay(TimeSpan.FromSeconds(seconds));
        for (var i = 0; i < 5; i++) Assert.InRange(delay.Next(1).TotalSeconds, 0, seconds);
    }
}
