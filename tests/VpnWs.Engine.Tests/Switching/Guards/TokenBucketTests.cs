using VpnWs.Switching.Guards;

namespace VpnWs.Tests.Switching.Guards;

public sealed class TokenBucketTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    [InlineData(100_000)]
    public void Over_time_as_much_passes_as_the_rate_allows(int rate)
    {
        var bucket = new TokenBucket(rate, burst: Math.Max(1, rate / 100.0));
        var passed = 0L;
        for (var now = 0L; now < 100_000; now++)
        {
            while (bucket.TryTake(1, now)) passed++;
        }

        Assert.InRange(passed, (rate * 99.9) - 1, (rate * 100.1) + 2);
    }

    [Fact]
    public void After_a_silence_a_burst_passes_and_no_more()
    {
        var bucket = new TokenBucket(100, burst: 16);
        Assert.Equal(16, Take(bucket, 0));
        Assert.Equal(0, Take(bucket, 0));
        Assert.Equal(1, Take(bucket, 5));
        Assert.Equal(0, Take(bucket, 10));
        Assert.Equal(1, Take(bucket, 11));
        Assert.Equal(16, Take(bucket, 1_000_000));
        Assert.Equal(5, Take(bucket, 1_000_050));
    }

    [Fact]
    public void A_super_frame_passes_and_is_paid_for_by_those_after_it()
    {
        var bucket = new TokenBucket(1000, burst: 100);
        Assert.True(bucket.TryTake(1100, 0));
        Assert.False(bucket.TryTake(1, 999));
        Assert.True(bucket.TryTake(1, 1001));
    }

    [Fact]
    public void A_clock_that_stands_still_goes_back_or_leaps_does_no_harm()
    {
        var bucket = new TokenBucket(1000, burst: 10);
        Assert.Equal(10, Take(bucket, 5000));
        Assert.Equal(0, Take(bucket, 1));
        Assert.Equal(0, Take(bucket, 5000));
        Assert.Equal(10, Take(bucket, 4_000_000_000));
        Assert.True(new TokenBucket(0.000_001, 1).TryTake(int.MaxValue, 1));
    }

    [Fact]
    public void Many_takers_get_no_more_than_one()
    {
        var bucket = new TokenBucket(10, burst: 10_000);
        var passed = 0L;
        Parallel.For(0, 4, _ =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                if (bucket.TryTake(1, 0)) Interlocked.Increment(ref passed);
            }
        });
        Assert.Equal(10_000, passed);
    }

    [Fact]
    public void No_limit_is_no_bucket()
    {
        Assert.Null(TokenBucket.Frames(0));
        Assert.Null(TokenBucket.Bits(0));
        Assert.Equal(16, Take(TokenBucket.Frames(1)!, 0));
        Assert.Equal(100, Take(TokenBucket.Frames(1000)!, 0));
    }

    private static int Take(TokenBucket bucket, long now)
    {
        var taken = 0;
        while (bucket.TryTake(1, now)) taken++;
        return taken;
    }
}
