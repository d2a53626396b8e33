using FsCheck;
using FsCheck.Fluent;

namespace VpnWs.Tests.Http;

/// <summary>Runs properties with a fixed seed, so that a failure comes back, and holds the generators that heads need.</summary>
internal static class Checks
{
    public static Gen<byte[]> Bytes { get; } = ArbMap.Default.GeneratorFor<byte[]>();

    /// <summary>Text with quotes, control characters, halves of surrogate pairs and letters beyond ASCII.</summary>
    public static Gen<string> HostileText { get; } = Gen.Frequency(
            (6, Gen.Choose(0x20, 0x7e)),
            (3, Gen.Elements<int>('"', '\\', '/', '<', '&', '+', 0, 1, 8, 9, 10, 13, 0x1f, 0x7f)),
            (1, Gen.Elements(0xe9, 0x2028, 0xd83d, 0xde00, 0xd800, 0xdfff, 0xfffe)))
        .Select(code => (char)code)
        .ArrayOf()
        .Select(characters => new string(characters));

    public static void Hold<T>(Gen<T> generator, Action<T> property, int times = 500) =>
        Prop.ForAll(generator.ToArbitrary(), property).Check(Config.QuickThrowOnFailure.WithMaxTest(times).WithReplay(4711UL, 815UL));

    /// <summary>A copy with up to five bytes overwritten, cut out or put in.</summary>
    public static Gen<byte[]> Mutated(byte[] bytes) =>
        from count in Gen.Choose(0, 5)
        from changes in Change(bytes.Length).ListOf(count)
        select changes.Aggregate(bytes, (result, change) => Apply(result, change.Place, change.Kind, change.Value));

    private static Gen<(int Place, int Kind, byte Value)> Change(int length) =>
        from place in Gen.Choose(0, length - 1)
        from kind in Gen.Choose(0, 2)
        from value in Gen.OneOf(Gen.Choose(0, 255), Gen.Elements<int>('\r', '\n', ' ', ':', ',', '\t', 0, 255))
        select (place, kind, (byte)value);

    private static byte[] Apply(byte[] bytes, int place, int kind, byte value)
    {
        var at = Math.Min(place, bytes.Length);
        byte[] middle = kind == 0 ? [] : [value];
        return [.. bytes[..at], .. middle, .. bytes[Math.Min(bytes.Length, kind == 2 ? at : at + 1)..]];
    }
}
