using System.Buffers.Binary;
using VpnWs.Ethernet;
using VpnWs.Tests.Offload;

namespace VpnWs.Tests.Ethernet;

public sealed class InternetChecksumTests
{
    // RFC 1071 section 3: the bytes, and the folded sum that the RFC works out.
    private static readonly byte[] Example = [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7];

    [Fact]
    public void The_example_of_the_RFC_comes_out()
    {
        var stored = new byte[2];
        InternetChecksum.Write(stored, InternetChecksum.Fold(InternetChecksum.Sum(Example)));
        Assert.Equal([0xdd, 0xf2], stored);
        InternetChecksum.Write(stored, InternetChecksum.Finish(InternetChecksum.Sum(Example)));
        Assert.Equal([0x22, 0x0d], stored);
        Assert.Equal(InternetChecksum.Valid, InternetChecksum.Fold(InternetChecksum.Sum([.. Example, .. stored])));
    }

    [Fact]
    public void Every_length_gives_what_the_naive_sum_gives_and_copies_every_byte()
    {
        for (var length = 0; length <= 300; length++)
        {
            var data = FrameSpec.Bytes(length + 3, length + 1)[(length % 3)..];
            AssertSame(data[..length]);
        }

        AssertSame(FrameSpec.Bytes(65_535));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0xff)]
    [InlineData(33, 0xff)]
    [InlineData(64, 0)]
    [InlineData(65_536, 0xff)]
    [InlineData(4_000_001, 0xff)]
    public void Carries_are_never_lost(int length, byte value)
    {
        var data = new byte[length];
        data.AsSpan().Fill(value);
        AssertSame(data);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(64)]
    [InlineData(101)]
    public void Parts_add_up_also_where_one_starts_at_an_odd_offset(int split)
    {
        var data = FrameSpec.Bytes(200);
        var tail = InternetChecksum.Sum(data.AsSpan(split));
        var sum = InternetChecksum.Sum(data.AsSpan(0, split)) + (split % 2 == 0 ? tail : InternetChecksum.AtOddOffset(tail));
        Assert.Equal(Naive.Sum(data), Stored(sum));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(0x1234)]
    [InlineData(0xffff)]
    public void A_field_can_be_added_and_taken_out(int value)
    {
        byte[] field = [(byte)(value >> 8), (byte)value];
        Assert.Equal(InternetChecksum.Sum(field), InternetChecksum.Of(value));
        var data = FrameSpec.Bytes(40);
        var without = InternetChecksum.Sum([.. data, .. field]) + InternetChecksum.Without(value);
        Assert.Equal(Naive.Sum(data), Stored(without));
    }

    [Theory]
    [InlineData(0UL, 0)]
    [InlineData(0xffffUL, 0xffff)]
    [InlineData(0x1_0000UL, 1)]
    [InlineData(0x1_ffffUL, 1)]
    [InlineData(0xffff_ffffUL, 0xffff)]
    [InlineData(0x1_0000_0000UL, 1)]
    [InlineData(ulong.MaxValue, 0xffff)]
    [InlineData(ulong.MaxValue - 0xffff_ffffUL, 0xffff)]
    [InlineData(0xffff_0001_fffe_0003UL, 3)]
    public void Folding_carries_around(ulong sum, int expected) => Assert.Equal(expected, InternetChecksum.Fold(sum));

    [Fact]
    public void A_destination_that_is_too_short_is_refused() =>
        Assert.Throws<ArgumentException>(() => InternetChecksum.CopyAndSum(new byte[64], new byte[63]));

    private static void AssertSame(byte[] data)
    {
        var expected = Naive.Sum(data);
        Assert.Equal(expected, Stored(InternetChecksum.Sum(data)));
        var copy = new byte[data.Length + 1];
        copy[^1] = 0xa5;
        Assert.Equal(expected, Stored(InternetChecksum.CopyAndSum(data, copy)));
        Assert.True(copy.AsSpan(0, data.Length).SequenceEqual(data));
        Assert.Equal(0xa5, copy[^1]);
    }

    private static ushort Stored(ulong sum)
    {
        var stored = new byte[2];
        InternetChecksum.Write(stored, InternetChecksum.Fold(sum));
        Assert.Equal(InternetChecksum.Fold(sum), InternetChecksum.Read(stored));
        return BinaryPrimitives.ReadUInt16BigEndian(stored);
    }
}
