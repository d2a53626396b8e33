using FsCheck;
using FsCheck.Fluent;
using VpnWs.WebSockets;

namespace VpnWs.Tests.WebSockets;

/// <summary>What holds for any stream, however it is cut.</summary>
public class FrameProperties
{
    private static readonly int[] Sizes = [0, 1, 14, 60, 125, 126, 127, 1442, 65_535, 65_536, Wire.Limit];
    private static readonly byte[] Heads = [0x82, 0x82, 0x82, 0x02, 0x00, 0x80, 0x80, 0x88, 0x89, 0x8a, 0x81, 0x09, 0xc2, 0x83];
    private static readonly Config Fixed = Config.QuickThrowOnFailure.WithReplay(6455, 17);

    [Fact]
    public void Any_stream_cut_anywhere_parses_to_the_same_messages() => Check(150, ScenarioGen(Gen.Choose(0, 12)), scenario =>
    {
        var (stream, expected) = Build(scenario);
        var random = new Random(scenario.Seed);
        return SameItems(expected, Wire.ReadInPieces(NewReader(scenario), stream, [stream.Length]))
            && SameItems(expected, Wire.ReadInPieces(NewReader(scenario), stream, Pieces(random, 70_000)))
            && SameItems(expected, Wire.ReadInPieces(NewReader(scenario), stream, Pieces(random, 300)));
    });

    [Fact]
    public void Any_stream_that_drips_in_byte_by_byte_parses_to_the_same_messages() =>
        Check(20, ScenarioGen(Gen.Choose(0, 6)), scenario =>
        {
            var (stream, expected) = Build(scenario);
            return SameItems(expected, Wire.ReadInPieces(NewReader(scenario), stream, [1]));
        });

    [Fact]
    public void What_is_written_is_read_again() => Check(300, ScenarioGen(Gen.Choose(0, 12)), scenario =>
    {
        var random = new Random(scenario.Seed);
        var masked = scenario.Role == Endpoint.Server;
        var stream = new List<byte>();
        var expected = new List<Item>();
        foreach (var size in scenario.Sizes)
        {
            uint? key = masked ? (uint)random.NextInt64(uint.MaxValue + 1L) : null;
            var payload = Wire.Random(size, random.Next());
            stream.AddRange(Written(Opcode.Binary, payload, key));
            expected.Add(new Item(ReadStatus.Message, Wire.Hex(payload)));
            var control = payload[..Math.Min(size, 125)];
            var buffer = new byte[FrameWriter.MaxControlFrameLength];
            stream.AddRange(buffer[..FrameWriter.WriteControl(buffer, Opcode.Pong, control, key)]);
            expected.Add(new Item(ReadStatus.Pong, Wire.Hex(control)));
        }

        var close = new byte[FrameWriter.MaxControlFrameLength];
        stream.AddRange(close[..FrameWriter.WriteClose(close, CloseCode.GoingAway, "Feierabend", masked ? 1 : null)]);
        expected.Add(new Item(ReadStatus.Close, Code: CloseCode.GoingAway, Reason: "Feierabend"));
        return SameItems(expected, Wire.ReadInPieces(NewReader(scenario), [.. stream], Pieces(random, 70_000)));
    });

    [Fact]
    public void No_input_upsets_the_reader_and_its_verdict_does_not_depend_on_the_cuts() =>
        Check(3000, GarbageGen(), garbage =>
        {
            var whole = Wire.ReadInPieces(garbage.NewReader(), garbage.Bytes, [garbage.Bytes.Length]);
            return SameItems(whole, Wire.ReadInPieces(garbage.NewReader(), garbage.Bytes, [1]))
                && SameItems(whole, Wire.ReadInPieces(garbage.NewReader(), garbage.Bytes, Pieces(new Random(1), 20)));
        });

    private static void Check<T>(int times, Gen<T> gen, Func<T, bool> property) =>
        Prop.ForAll(Arb.From(gen), property).Check(Fixed.WithMaxTest(times));

    private static Gen<Scenario> ScenarioGen(Gen<int> count) =>
        from role in Gen.Elements(Endpoint.Server, Endpoint.Client)
        from number in count
        from sizes in Gen.OneOf(Gen.Elements(Sizes), Gen.Choose(0, 3000)).ArrayOf(number)
        from seed in Gen.Choose(0, int.MaxValue - 1)
        select new Scenario(role, sizes, seed);

    // Frames that are nearly right get deep into the reader; plain noise would be refused at its first byte.
    private static Gen<Garbage> GarbageGen()
    {
        var noise = Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf();
        var frame =
            from head in Gen.Elements(Heads)
            from mask in Gen.Frequency((8, Gen.Constant(0x80)), (1, Gen.Constant(0)))
            from length in Gen.Frequency((8, Gen.Choose(0, 12)), (1, Gen.Choose(0, 127)))
            from rest in Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf(length + (mask == 0 ? 0 : 4))
            select (byte[])[head, (byte)(mask | length), .. rest];
        return
            from role in Gen.Elements(Endpoint.Server, Endpoint.Client)
            from classic in Gen.Elements(true, false)
            from limit in Gen.Elements(0, 10, 125, 1514, Wire.Limit)
            from closing in Gen.Elements(true, false)
            from parts in Gen.Frequency((9, frame), (1, noise)).ArrayOf()
            select new Garbage(role, classic, limit, closing, ForRole(role, parts));
    }

    private static byte[] ForRole(Endpoint role, byte[][] parts) => parts.SelectMany(
        part => role == Endpoint.Client && part.Length > 5 ? [part[0], (byte)(part[1] & 0x7f), .. part[6..]] : part).ToArray();

    private static (byte[] Stream, List<Item> Expected) Build(Scenario scenario)
    {
        var random = new Random(scenario.Seed);
        var stream = new List<byte>();
        var expected = new List<Item>();
        foreach (var size in scenario.Sizes)
        {
            var payload = Wire.Random(size, random.Next());
            var fragments = random.Next(3) == 0 ? random.Next(2, 9) : 1;
            var at = 0;
            for (var i = 0; i < fragments; i++)
            {
                var last = i == fragments - 1;
                var part = last ? size - at : random.Next(size - at + 1);
                stream.AddRange(Wire.Frame(
                    i == 0 ? Opcode.Binary : Opcode.Continuation, payload.AsSpan(at, part), NewKey(scenario, random), last));
                at += part;
                if (last) expected.Add(new Item(ReadStatus.Message, Wire.Hex(payload)));
                if (random.Next(3) == 0) AddControl();
            }
        }

        return ([.. stream], expected);

        void AddControl()
        {
            var payload = Wire.Random(random.Next(126), random.Next());
            var isPing = random.Next(2) == 0;
            stream.AddRange(Wire.Frame(isPing ? Opcode.Ping : Opcode.Pong, payload, NewKey(scenario, random)));
            expected.Add(new Item(isPing ? ReadStatus.Ping : ReadStatus.Pong, Wire.Hex(payload)));
        }
    }

    private static byte[]? NewKey(Scenario scenario, Random random) =>
        scenario.Role == Endpoint.Server ? Wire.Random(4, random.Next()) : null;

    private static byte[] Written(Opcode opcode, byte[] payload, uint? key)
    {
        var buffer = new byte[FrameWriter.MaxHeaderLength + payload.Length];
        var start = key is { } k
            ? FrameWriter.WriteHeader(buffer, opcode, payload.Length, k)
            : FrameWriter.WriteHeader(buffer, opcode, payload.Length);
        Masking.Apply(payload, buffer.AsSpan(start), key ?? 0);
        return buffer[..(start + payload.Length)];
    }

    private static FrameReader NewReader(Scenario scenario) => new(scenario.Role, Wire.Limit);

    private static IEnumerable<int> Pieces(Random random, int most)
    {
        while (true) yield return random.Next(4) == 0 ? random.Next(1, 4) : random.Next(1, most);
    }

    private static bool SameItems(List<Item> expected, List<Item> actual) => expected.SequenceEqual(actual);

    private sealed record Scenario(Endpoint Role, int[] Sizes, int Seed)
    {
        public override string ToString() => $"{Role} seed {Seed}: {string.Join(", ", Sizes)}";
    }

    private sealed record Garbage(Endpoint Role, bool IsClassic, int Limit, bool CloseSent, byte[] Bytes)
    {
        public FrameReader NewReader() => new(Role, Limit, IsClassic) { CloseSent = CloseSent };

        public override string ToString() => $"{Role} classic {IsClassic} limit {Limit} closing {CloseSent}: {Wire.Hex(Bytes)}";
    }
}
