using VpnWs.Taps;
using VpnWs.Transport;

namespace VpnWs.Tests.Transport;

public sealed class TapHolderTests : IDisposable
{
    private readonly FakeTap _first = new(Ether.Mac(1));
    private readonly FakeTap _second = new(Ether.Mac(1));

    [Fact]
    public void A_tap_of_ours_is_opened_again_as_often_as_it_takes()
    {
        var attempts = 0;
        var told = new List<string>();
        using var holder = new TapHolder(_first, () => ++attempts < 3 ? throw new TapException("not yet") : _second);
        Assert.True(holder.TryReopen(told.Add));
        Assert.Equal(3, attempts);
        Assert.Equal(["not yet"], told);
        Assert.Same(_second, holder.Current);
        Assert.True(_first.IsDisposed);
    }

    [Fact]
    public void Somebody_elses_tap_is_neither_opened_nor_disposed()
    {
        using (var holder = new TapHolder(_first, null))
        {
            Assert.False(holder.TryReopen());
            Assert.Same(_first, holder.Current);
        }

        Assert.False(_first.IsDisposed);
    }

    [Fact]
    public async Task Stopping_ends_the_attempts()
    {
        using var holder = new TapHolder(_first, () => throw new TapException("never"));
        var reopening = Task.Run(() => holder.TryReopen(), TestContext.Current.CancellationToken);
        holder.Stop();
        Assert.True(holder.IsStopping);
        Assert.False(await Eventually.Within("the attempts end", reopening));
    }

    [Fact]
    public void Disposing_disposes_the_tap_of_the_moment()
    {
        var holder = new TapHolder(_first, () => _second);
        holder.TryReopen();
        Assert.False(_second.IsDisposed);
        holder.Dispose();
        Assert.True(_second.IsDisposed);
    }

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
    }
}
