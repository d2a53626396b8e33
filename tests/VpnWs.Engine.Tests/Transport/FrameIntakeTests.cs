using VpnWs.Offload;
using VpnWs.Switching;
using VpnWs.Tests.Offload;
using VpnWs.Tests.WebSockets;
using VpnWs.Transport;

namespace VpnWs.Tests.Transport;

public sealed class FrameIntakeTests
{
    private static readonly FrameSpec Super = new() { Payload = FrameSpec.Bytes(5000), GsoSize = 1000 };

    [Theory]
    [InlineData(0, false)]
    [InlineData(13, false)]
    [InlineData(9, true)]
    [InlineData(23, true)]
    public void Less_than_an_Ethernet_header_is_a_runt(int length, bool hasOffload) =>
        Assert.Equal(DropReason.Runt, Take(new byte[length], hasOffload, masked: true, out _));

    [Theory]
    [InlineData(14, false)]
    [InlineData(255, false)]
    [InlineData(256, false)]
    [InlineData(257, false)]
    [InlineData(65_549, false)]
    [InlineData(14, true)]
    [InlineData(246, true)]
    [InlineData(247, true)]
    [InlineData(65_549, true)]
    public void A_frame_is_the_same_whether_copied_or_cleared_in_place(int length, bool hasOffload)
    {
        var bytes = Wire.Random(length);
        foreach (var masked in new[] { false, true })
        {
            byte[] payload = hasOffload ? [.. new byte[10], .. bytes] : bytes;
            Assert.Equal(DropReason.None, Take(payload, hasOffload, masked, out var taken));
            Assert.Equal(bytes, taken.Copied);
            Assert.Equal(bytes, taken.Cleared);
            Assert.Equal(bytes[..Math.Min(length, 14)], taken.Head);
            Assert.Equal(default, taken.Offload);
        }
    }

    [Fact]
    public void A_super_frame_is_taken_with_its_header_in_the_one_form_that_is_passed_on()
    {
        var header = Super.SuperHeader();
        header.HeaderLength += 9;
        Assert.Equal(DropReason.None, Take(Message(header, Super.Unfinished()), true, masked: true, out var taken));
        Assert.Equal(Super.SuperHeader(), taken.Offload);
        Assert.Equal(Super.Unfinished(), taken.Copied);
    }

    [Fact]
    public void A_header_that_does_not_fit_is_not_believed()
    {
        var header = Super.SuperHeader();
        header.ChecksumStart++;
        Assert.Equal(DropReason.InvalidOffloadHeader, Take(Message(header, Super.Unfinished()), true, masked: true, out _));
    }

    [Fact]
    public void What_is_still_masked_changes_no_verdict()
    {
        // The last one's headers end behind what is unmasked at first, and just before that ends those of the one before.
        var super = Super with { Payload = FrameSpec.Bytes(3000) };
        var six = super with { IsIPv6 = true };
        FrameSpec[] specs =
        [
            super, six, super with { IsUdp = true }, super with { Tags = [0x88a8_0064, 0x8100_0007], TcpOptions = FrameSpec.Timestamps },
            six with { NetworkOptions = [6, 20, .. new byte[166]] }, six with { NetworkOptions = [6, 25, .. new byte[206]] },
        ];
        var verdicts = new HashSet<DropReason>();
        foreach (var spec in specs)
        {
            var message = Message(spec.SuperHeader(), spec.Unfinished());
            for (var at = 0; at < 10 + spec.HeaderLength + 8; at++)
            {
                foreach (var change in new byte[] { 0, 1, 0x80, 0xff })
                {
                    message[at] ^= change;
                    var clear = Take(message, true, masked: false, out var expected);
                    verdicts.Add(clear);
                    Assert.Equal(clear, Take(message, true, masked: true, out var taken));
                    if (clear == DropReason.None)
                    {
                        Assert.Equal(expected.Offload, taken.Offload);
                        Assert.Equal(expected.Copied, taken.Copied);
                        Assert.Equal(expected.Cleared, taken.Cleared);
                    }

                    message[at] ^= change;
                }
            }
        }

        Assert.Equal([DropReason.None, DropReason.InvalidOffloadHeader], verdicts.Order());
    }

    [Fact]
    public void A_key_that_makes_a_forbidden_header_look_allowed_helps_nobody()
    {
        // These headers end behind what is unmasked at first: there the TCP flags are, SYN among them, for which no super-frame may be.
        var spec = Super with { IsIPv6 = true, Flags = 0x12, NetworkOptions = [6, 25, .. new byte[206]] };
        var message = Message(spec.SuperHeader(), spec.Unfinished());
        var flags = 10 + spec.TransportOffset + 13;
        Assert.Equal(DropReason.InvalidOffloadHeader, Take(message, true, masked: false, out _));
        foreach (var lookingLike in new byte[] { 0x10, 0x18, 0x11 })
        {
            // All that the validator reads beyond looks right too, but for the bits of the flags.
            var key = new byte[4];
            key[flags % 4] = (byte)(0x12 ^ lookingLike);
            var wire = message.Select((value, i) => (byte)(value ^ key[i % 4])).ToArray();
            Assert.Equal(DropReason.InvalidOffloadHeader, FrameIntake.Take(wire, hasOffload: true, BitConverter.ToUInt32(key), out _));
        }
    }

    [Fact]
    public void A_valid_super_frame_is_not_unmasked_beyond_its_headers()
    {
        var message = Message(Super.SuperHeader(), Super.Unfinished()).Select((value, i) => (byte)(value ^ Wire.Key[i % 4])).ToArray();
        Assert.Equal(DropReason.None, FrameIntake.Take(message, hasOffload: true, BitConverter.ToUInt32(Wire.Key), out var frame));
        Assert.True(frame.Head.Length < 300, $"{frame.Head.Length} bytes are clear.");
    }

    [Fact]
    public void Only_a_super_frame_may_be_longer_than_the_longest_frame()
    {
        Assert.Equal(DropReason.Oversize, Take(new byte[10 + Ether.MaxLength + 1], true, masked: true, out _));
        var tagged = new FrameSpec { IsUdp = true, Tags = [0x88a8_0064, 0x8100_0007], Payload = FrameSpec.Bytes(65_507), GsoSize = 1400 };
        Assert.Equal(DropReason.None, Take(Message(tagged.SuperHeader(), tagged.Unfinished()), true, masked: true, out _));
        Assert.Equal(FrameIntake.MaxMessageLength(true), 10 + tagged.Unfinished().Length);
        Assert.Equal(Ether.MaxLength, FrameIntake.MaxMessageLength(false));
    }

    [Fact]
    public void What_comes_to_a_longer_frame_at_a_peer_without_offload_is_not_taken()
    {
        // One that lacks its checksum alone, and segments that are nearly as long as the whole; a peer without offload would close its connection for either.
        var tagged = new FrameSpec { Tags = [0x88a8_0064, 0x8100_0007], Payload = FrameSpec.Bytes(65_495), GsoSize = 65_480 };
        var longest = Ether.MaxLength - tagged.SuperHeader().HeaderLength;
        foreach (var (spec, isSuper, expected) in new[]
        {
            (tagged, false, DropReason.Oversize), (tagged with { Payload = FrameSpec.Bytes(65_487) }, false, DropReason.None),
            (tagged with { GsoSize = longest + 1 }, true, DropReason.Oversize), (tagged with { GsoSize = longest }, true, DropReason.None),
        })
            Assert.Equal(expected, Take(Message(isSuper ? spec.SuperHeader() : spec.PartialHeader(), spec.Unfinished()), true, masked: true, out _));
    }

    private static byte[] Message(VirtioNetHeader header, byte[] frame)
    {
        var message = new byte[10 + frame.Length];
        header.Write(message);
        frame.CopyTo(message, 10);
        return message;
    }

    private static DropReason Take(byte[] payload, bool hasOffload, bool masked, out Taken taken)
    {
        var wire = masked ? payload.Select((value, i) => (byte)(value ^ Wire.Key[i % 4])).ToArray() : payload.ToArray();
        var reason = FrameIntake.Take(wire, hasOffload, masked ? BitConverter.ToUInt32(Wire.Key) : 0, out var frame);
        taken = null!;
        if (reason != DropReason.None) return reason;
        var copied = new byte[frame.Length];
        var head = frame.Head[..14].ToArray();
        frame.CopyTo(copied);
        taken = new Taken(copied, head, frame.Clear().ToArray(), frame.Offload);
        return reason;
    }

    private sealed record Taken(byte[] Copied, byte[] Head, byte[] Cleared, VirtioNetHeader Offload);
}
