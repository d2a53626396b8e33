using System.Buffers.Binary;

namespace VpnWs.Fuzz;

/// <summary>Makes inputs out of seeds: parts changed, cut, doubled and swapped, numbers set to where things break.</summary>
/// <param name="random">Where chance comes from.</param>
internal sealed class Mutator(Random random)
{
    private const int MostChanges = 6;
    private const int MostNoise = 64;

    private static readonly byte[] Bytes = [0, 1, 2, 0x0d, 0x0a, 0x20, 0x3a, 0x7d, 0x7e, 0x7f, 0x80, 0x81, 0x82, 0x88, 0x89, 0xfe, 0xff];
    private static readonly ulong[] Numbers =
    [
        0, 1, 7, 8, 13, 14, 20, 40, 125, 126, 127, 128, 255, 256, 1448, 1500, 1514, 0x7fff, 0x8000, 65_535, 65_536, 65_549, 65_550, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff,
        0x1_0000_0000, 0x7fff_ffff_ffff_ffff, 0x8000_0000_0000_0000, ulong.MaxValue,
    ];

    /// <summary>An input made of one seed, and now and then of a second.</summary>
    /// <param name="seeds">The seeds.</param>
    /// <param name="most">The longest input.</param>
    public byte[] Next(IReadOnlyList<byte[]> seeds, int most)
    {
        var input = new List<byte>(seeds[random.Next(seeds.Count)]);
        if (random.Next(64) == 0) return Noise(random.Next(2048));
        for (var i = random.Next(MostChanges); i >= 0; i--) Change(input, seeds);
        if (input.Count > most) input.RemoveRange(most, input.Count - most);
        return [.. input];
    }

    private void Change(List<byte> input, IReadOnlyList<byte[]> seeds)
    {
        var at = input.Count == 0 ? 0 : random.Next(4) == 0 ? random.Next(Math.Min(input.Count, 16)) : random.Next(input.Count);
        switch (random.Next(11))
        {
            case 0 when input.Count > 0:
                input[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when input.Count > 0:
                input[at] = Bytes[random.Next(Bytes.Length)];
                break;
            case 2 when input.Count > 0:
                input[at] = (byte)random.Next(256);
                break;
            case 3:
                Overwrite(input, at, Number(Numbers[random.Next(Numbers.Length)]));
                break;
            case 4:
                Overwrite(input, at, Number((ulong)Math.Max(0, input.Count - at + random.Next(-8, 9))));
                break;
            case 5:
                input.RemoveRange(at, random.Next(Math.Min(32, input.Count - at) + 1));
                break;
            case 6:
                input.RemoveRange(at, input.Count - at);
                break;
            case 7:
                input.InsertRange(at, Noise(random.Next(MostNoise)));
                break;
            case 8:
                input.InsertRange(at, input.GetRange(at, random.Next(Math.Min(256, input.Count - at) + 1)));
                break;
            case 9:
                var other = seeds[random.Next(seeds.Count)];
                input.InsertRange(at, other.AsSpan(random.Next(other.Length + 1)));
                break;
            default:
                input.AddRange(seeds[random.Next(seeds.Count)]);
                break;
        }
    }

    private static void Overwrite(List<byte> input, int at, byte[] bytes)
    {
        for (var i = 0; i < bytes.Length && at + i < input.Count; i++) input[at + i] = bytes[i];
    }

    private byte[] Number(ulong number)
    {
        var bytes = new byte[sizeof(ulong)];
        if (random.Next(2) == 0)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, number);
            return bytes[..(1 << random.Next(4))];
        }

        BinaryPrimitives.WriteUInt64BigEndian(bytes, number);
        return bytes[^(1 << random.Next(4))..];
    }

    private byte[] Noise(int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
