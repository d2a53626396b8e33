using VpnWs.Server;

namespace VpnWs.Tests.Server;

public sealed class HandshakePlacesTests
{
    private readonly HandshakePlaces _places = new(2);

    [Fact]
    public void When_all_are_taken_the_slowest_makes_way_but_nobody_within_his_grace()
    {
        using var first = _places.TryTake(0);
        using var second = _places.TryTake(1000);
        Assert.NotNull(first);
        Assert.NotNull(second);
        Assert.Null(_places.TryTake(HandshakePlaces.Grace - 1));

        using var third = _places.TryTake(HandshakePlaces.Grace);
        Assert.NotNull(third);
        Assert.True(first.Pushed.IsCancellationRequested);
        Assert.False(second.Pushed.IsCancellationRequested);

        // The one that was pushed out has no place to give back any more.
        first.Dispose();
        Assert.Null(_places.TryTake(HandshakePlaces.Grace));
    }

    [Fact]
    public void Whose_head_is_there_keeps_the_place_and_gives_it_back_once()
    {
        var first = _places.TryTake(0)!;
        using var second = _places.TryTake(0)!;
        first.Settle();
        second.Settle();
        Assert.Null(_places.TryTake(1_000_000));
        first.Dispose();
        first.Dispose();
        Assert.NotNull(_places.TryTake(0));
        Assert.Null(_places.TryTake(0));
    }
}
