using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;

namespace VpnWs.Tests.Offload;

/// <summary>Random frames, and properties checked over them the same way in every run.</summary>
internal static class Specs
{
    private static readonly Config Fixed = Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithReplay(new Replay(new Rnd(2026, 1971), FSharpOption<int>.None));

    private static readonly uint[][] TagStacks = [[], [], [0x8100_0005], [0x8100_e00a], [0x88a8_0064, 0x8100_0007], [0x8100_0064, 0x8100_0007]];

    private static readonly byte[] FlagSets = [0x10, 0x10, 0x18, 0x18, 0x11, 0x19, 0x50, 0x90, 0x98, 0xd8];

    /// <summary>Super-frames that the coalescer could have made.</summary>
    public static Gen<FrameSpec> SuperFrames { get; } =
        from spec in Headers
        from segment in Gen.Frequency((1, Gen.Choose(8, 64)), (4, Gen.Choose(65, 1500)), (1, Gen.Choose(1501, 9000)), (1, Gen.Elements(536, 1220, 1428, 1448, 1460)))
        from most in Gen.Choose(2, 64)
        from last in Gen.Choose(1, segment)
        from fill in Gen.Choose(0, 20)
        from seed in Gen.Choose(1, int.MaxValue)
        let room = 65_535 + spec.NetworkOffset - spec.HeaderLength
        let count = Math.Min(most, room / segment)
        select spec with { GsoSize = segment, Payload = Fill(fill, ((count - 1) * segment) + last, seed) };

    /// <summary>Super-frames with IPv4 options or IPv6 extension headers too, which are cut but never made.</summary>
    public static Gen<FrameSpec> SuperFramesWithOptions { get; } =
        from spec in SuperFrames
        from options in Gen.Elements(0, 1, 2)
        let bytes = options == 0 ? [] : spec.IsIPv6 ? Extensions(spec.Protocol, options) : FrameSpec.Bytes(options * 20, 3)
        let most = 65_535 + spec.NetworkOffset - spec.HeaderLength - bytes.Length
        select spec with { NetworkOptions = bytes, Payload = spec.Payload[..Math.Min(spec.Payload.Length, most)] };

    private static Gen<FrameSpec> Headers =>
        from isIPv6 in Gen.Elements(false, true)
        from isUdp in Gen.Frequency((3, Gen.Constant(false)), (1, Gen.Constant(true)))
        from tags in Gen.Elements(TagStacks)
        from options in Gen.Frequency((2, Gen.Constant(Array.Empty<byte>())), (3, Gen.Constant(FrameSpec.Timestamps)), (1, from words in Gen.Choose(1, 10) select FrameSpec.Bytes(words * 4, words)))
        from flags in Gen.Elements(FlagSets)
        from numbers in Gen.ArrayOf(Gen.Choose(0, ushort.MaxValue), 6)
        from fragment in Gen.Elements<ushort>(0, 0x4000)
        select new FrameSpec
        {
            IsIPv6 = isIPv6,
            IsUdp = isUdp,
            Tags = tags,
            TcpOptions = isUdp ? [] : options,
            Flags = isUdp ? (byte)0 : flags,
            TypeOfService = (byte)numbers[0],
            TimeToLive = (byte)(numbers[0] >> 8),
            Identification = (ushort)numbers[1],
            Fragment = fragment,
            SourcePort = (ushort)numbers[2],
            Sequence = ((uint)numbers[3] << 16) | (uint)numbers[4],
            Acknowledgment = (uint)numbers[5] * 7919,
            Window = (ushort)numbers[4],
        };

    public static void Check<T>(Gen<T> gen, int times, Action<T> property) => Prop.ForAll(gen.ToArbitrary(), property).Check(Fixed.WithMaxTest(times));

    // All ones and all zeros are where a sum is most easily wrong.
    private static byte[] Fill(int kind, int length, int seed)
    {
        if (kind > 1) return FrameSpec.Bytes(length, seed);
        var bytes = new byte[length];
        bytes.AsSpan().Fill((byte)(kind == 0 ? 0 : 0xff));
        return bytes;
    }

    private static byte[] Extensions(byte protocol, int count) =>
        count == 1 ? [protocol, 0, 1, 4, 0, 0, 0, 0] : [60, 0, 1, 4, 0, 0, 0, 0, protocol, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
}
