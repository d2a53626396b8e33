using System.Buffers.Binary;
using System.Text;
using VpnWs.WebSockets;

namespace VpnWs.Tests.WebSockets;

/// <summary>One thing that a reader found, its payload unmasked and written in hex so that items compare and print well.</summary>
internal sealed record Item(ReadStatus Status, string Payload = "", ushort Code = 0, string? Reason = null);

/// <summary>Frames made byte by byte, without the code under test, and readers fed piece by piece.</summary>
internal static class Wire
{
    public const int Limit = 65_549;
    private const byte Garbage = 0xee;
    private const int Neighbourhood = 256;

    public static readonly byte[] Key = [0x37, 0xfa, 0x21, 0x3d];

    public static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

    public static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);

    public static string HexOf(string text) => Hex(Encoding.UTF8.GetBytes(text));

    public static byte[] Random(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>A frame with the length in its shortest form; masked where a key is given.</summary>
    public static byte[] Frame(Opcode opcode, ReadOnlySpan<byte> payload, byte[]? key = null, bool final = true, int reserved = 0)
    {
        var bytes = new List<byte> { (byte)((final ? 0x80 : 0) | (reserved << 4) | (byte)opcode) };
        var mask = key is null ? 0 : 0x80;
        var length = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(length, (ulong)payload.Length);
        if (payload.Length < 126)
        {
            bytes.Add((byte)(mask | payload.Length));
        }
        else if (payload.Length < 65536)
        {
            bytes.Add((byte)(mask | 126));
            bytes.AddRange(length[6..]);
        }
        else
        {
            bytes.Add((byte)(mask | 127));
            bytes.AddRange(length);
        }

        bytes.AddRange(key ?? []);
        for (var i = 0; i < payload.Length; i++) bytes.Add((byte)(payload[i] ^ (key?[i % 4] ?? 0)));
        return [.. bytes];
    }

    public static byte[] Masked(Opcode opcode, ReadOnlySpan<byte> payload, bool final = true) => Frame(opcode, payload, Key, final);

    public static byte[] Masked(Opcode opcode, string hex, bool final = true) => Frame(opcode, Bytes(hex), Key, final);

    public static FrameReader Server(int limit = Limit, bool classic = false) => new(Endpoint.Server, limit, classic);

    public static FrameReader Client(int limit = Limit) => new(Endpoint.Client, limit);

    /// <summary>Everything found in the stream when it arrives whole.</summary>
    public static List<Item> ReadAll(FrameReader reader, params byte[][] stream)
    {
        var bytes = stream.SelectMany(part => part).ToArray();
        return ReadInPieces(reader, bytes, [bytes.Length]);
    }

    /// <summary>
    /// Everything found in the stream when it arrives in such pieces (the last size goes on to the end). The bytes that have not arrived are
    /// garbage in the same array, so a reader that looks too far finds something else.
    /// </summary>
    public static List<Item> ReadInPieces(FrameReader reader, byte[] stream, IEnumerable<int> sizes)
    {
        var items = new List<Item>();
        var buffer = new byte[stream.Length];
        Array.Fill(buffer, Garbage);
        var start = 0;
        var end = 0;
        using var size = sizes.GetEnumerator();
        var piece = 0;
        do
        {
            if (size.MoveNext()) piece = size.Current;
            var arrived = Math.Min(piece, stream.Length - end);
            stream.AsSpan(end, arrived).CopyTo(buffer.AsSpan(end));
            end += arrived;
            if (!Drain(reader, buffer, ref start, end, items)) return items;
            Assert.Equal(-1, buffer.AsSpan(end, Math.Min(Neighbourhood, buffer.Length - end)).IndexOfAnyExcept(Garbage));
        }
        while (end < stream.Length);

        return items;
    }

    /// <summary>Asserts that the reader wants more for every shorter prefix and refuses the stream at its very last byte, however it arrives.</summary>
    public static void RefusesAtLastByte(Func<FrameReader> makeReader, byte[] stream, ushort code)
    {
        var whole = ReadAll(makeReader(), stream)[^1];
        Assert.Equal((ReadStatus.Error, code), (whole.Status, whole.Code));
        Assert.DoesNotContain(ReadAll(makeReader(), stream[..^1]), item => item.Status is ReadStatus.Error or ReadStatus.Close);
        Assert.Equal(whole, ReadInPieces(makeReader(), stream, [1])[^1]);
    }

    private static bool Drain(FrameReader reader, byte[] buffer, ref int start, int end, List<Item> items)
    {
        while (true)
        {
            reader.Read(buffer.AsSpan(start, end - start), out var result);
            Assert.InRange(result.Consumed, 0, end - start);
            start += result.Consumed;
            if (result.Status == ReadStatus.NeedMoreData) return true;
            if (result.Status != ReadStatus.Message) Assert.Equal(0u, result.MaskKey);
            Masking.Apply(result.Payload, result.MaskKey);
            items.Add(new Item(result.Status, Hex(result.Payload), result.CloseCode, result.Reason));
            if (result.Status is ReadStatus.Close or ReadStatus.Error) return false;
        }
    }
}
