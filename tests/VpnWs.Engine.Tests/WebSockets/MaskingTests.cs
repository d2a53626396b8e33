using VpnWs.WebSockets;

namespace VpnWs.Tests.WebSockets;

/// <summary>RFC 6455 section 5.3. Every result is compared with the byte loop that the standard writes down.</summary>
public class MaskingTests
{
    private const int Margin = 70;
    private static readonly uint Key = BitConverter.ToUInt32(Wire.Key);

    public static TheoryData<int> LargeLengths => [511, 512, 1023, 1442, 1500, 4097, 9014, 65_535, 65_536, 65_549];

    [Fact]
    public void The_sample_of_the_standard_comes_out()
    {
        var data = "Hello"u8.ToArray();

        Masking.Apply(data, Key);

        Assert.Equal("7f9f4d5158", Wire.Hex(data));
    }

    [Fact]
    public void Every_length_and_phase_is_masked_as_the_byte_loop_does()
    {
        for (var length = 0; length <= 300; length++)
        {
            for (var phase = 0; phase < 4; phase++) AgreesWithByteLoop(length, phase, offset: (length + phase) % 67);
        }
    }

    [Theory]
    [MemberData(nameof(LargeLengths))]
    public void Large_lengths_are_masked_as_the_byte_loop_does(int length)
    {
        for (var phase = 0; phase < 4; phase++)
        {
            for (var offset = 0; offset <= 64; offset += 13) AgreesWithByteLoop(length, phase, offset);
        }
    }

    [Fact]
    public void Random_lengths_phases_alignments_and_keys_are_masked_as_the_byte_loop_does()
    {
        var random = new Random(6455);
        for (var i = 0; i < 500; i++)
        {
            AgreesWithByteLoop(random.Next(20_000), random.Next(), random.Next(Margin), (uint)random.NextInt64(uint.MaxValue + 1L));
        }
    }

    [Theory]
    [InlineData(64)]
    [InlineData(32)]
    [InlineData(16)]
    public void Every_width_of_vector_masks_whole_blocks_and_nothing_else(int width)
    {
        // Also those that this machine would not choose by itself.
        foreach (var length in (int[])[0, 1, 4 * width - 1, 4 * width, 4 * width + 1, 8 * width, 20 * width + 3])
        {
            var source = Wire.Random(length + 1);
            var destination = new byte[length + 1];
            var end = (int)(width switch
            {
                64 => Masking.Blocks512(ref source[0], ref destination[0], 0, (nuint)length, Key),
                32 => Masking.Blocks256(ref source[0], ref destination[0], 0, (nuint)length, Key),
                _ => Masking.Blocks128(ref source[0], ref destination[0], 0, (nuint)length, Key),
            });

            Assert.Equal(length - (length % (4 * width)), end);
            Assert.Equal(Naive(source.AsSpan(0, end), Wire.Key, 0), destination[..end]);
            Assert.Equal(-1, destination.AsSpan(end).IndexOfAnyExcept((byte)0));
        }
    }

    [Fact]
    public void A_payload_masked_in_parts_equals_one_masked_whole()
    {
        var whole = Wire.Random(1442);
        var parts = whole.ToArray();
        Masking.Apply(whole, Key);

        for (int at = 0, size = 1; at < parts.Length; at += size, size = Math.Min(size * 2 + 1, parts.Length - at))
        {
            Masking.Apply(parts.AsSpan(at, size), Key, at);
        }

        Assert.Equal(whole, parts);
    }

    [Fact]
    public void A_key_of_zero_changes_nothing_and_copies()
    {
        var source = Wire.Random(100);
        var destination = new byte[100];

        Masking.Apply(source, destination, 0, 3);
        Masking.Apply(source, 0, 1);

        Assert.Equal(Wire.Random(100), source);
        Assert.Equal(source, destination);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(1u)]
    public void A_destination_that_is_too_short_is_refused_before_anything_is_written(uint key)
    {
        var destination = new byte[10];

        Assert.Throws<ArgumentException>(() => Masking.Apply(Wire.Random(11), destination.AsSpan(0, 10), key));
        Assert.Equal(new byte[10], destination);
    }

    private static void AgreesWithByteLoop(int length, int phase, int offset, uint? key = null)
    {
        var keyBytes = BitConverter.GetBytes(key ?? Key);
        var source = Wire.Random(length, seed: length + phase);
        var expected = Naive(source, keyBytes, phase);

        var inPlace = new byte[Margin + length + Margin];
        source.CopyTo(inPlace, offset);
        Masking.Apply(inPlace.AsSpan(offset, length), key ?? Key, phase);
        AssertInMiddle(expected, inPlace, offset);

        var original = source.ToArray();
        var copied = new byte[Margin + length + Margin];
        Masking.Apply(source, copied.AsSpan(offset), key ?? Key, phase);
        AssertInMiddle(expected, copied, offset);
        Assert.True(original.AsSpan().SequenceEqual(source));
    }

    private static void AssertInMiddle(byte[] expected, byte[] actual, int offset)
    {
        Assert.True(expected.AsSpan().SequenceEqual(actual.AsSpan(offset, expected.Length)), $"{expected.Length} bytes at {offset}");
        Assert.Equal(-1, actual.AsSpan(0, offset).IndexOfAnyExcept((byte)0));
        Assert.Equal(-1, actual.AsSpan(offset + expected.Length).IndexOfAnyExcept((byte)0));
    }

    private static byte[] Naive(ReadOnlySpan<byte> data, byte[] key, int phase)
    {
        var masked = data.ToArray();
        for (var i = 0; i < masked.Length; i++) masked[i] ^= key[(i + (long)phase) % 4];
        return masked;
    }
}
