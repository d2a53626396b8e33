using VpnWs.WebSockets;

namespace VpnWs.Tests.WebSockets;

public class MaskKeySourceTests
{
    [Fact]
    public void Keys_are_fresh_and_never_zero_over_many_blocks()
    {
        var source = new MaskKeySource();
        var keys = Enumerable.Range(0, 10_000).Select(_ => source.Next()).ToList();

        Assert.DoesNotContain(0u, keys);
        // Of 10,000 random keys about 0.01 pairs are equal; a block handed out twice would make hundreds.
        Assert.InRange(keys.Distinct().Count(), 9_990, 10_000);
    }

    [Fact]
    public void Every_bit_of_the_keys_varies()
    {
        var source = new MaskKeySource();
        var (any, all) = (0u, uint.MaxValue);
        for (var i = 0; i < 1000; i++)
        {
            var key = source.Next();
            any |= key;
            all &= key;
        }

        Assert.Equal((uint.MaxValue, 0u), (any, all));
    }

    [Fact]
    public void Two_sources_share_no_keys()
    {
        var (first, second) = (new MaskKeySource(), new MaskKeySource());
        var keys = Enumerable.Range(0, 100).Select(_ => first.Next()).ToHashSet();

        Assert.InRange(Enumerable.Range(0, 100).Count(_ => keys.Contains(second.Next())), 0, 1);
    }
}
