using VpnWs.Ethernet;
using VpnWs.Offload;
using VpnWs.Switching;
using VpnWs.Tests.Offload;
using VpnWs.Tests.Switching;
using VpnWs.Transport;
using VpnWs.WebSockets;

namespace VpnWs.Tests.Transport;

/// <summary>Frames on their way between ports with guards: tags that come and go, also of super-frames, and masked bytes that a guard has to see.</summary>
public sealed class FrameDispatcherTests
{
    private readonly Lan _lan = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_super_frame_gets_the_tag_of_its_VLAN_and_stays_one_that_a_kernel_could_have_written(bool flood)
    {
        var (access, trunk, plain, other) = (Join(Ether.Mac(1), """{ "vlan": 10 }"""), Join(Ether.Mac(2), """{ "taggedVlans": [ 10 ] }"""), Join(Ether.Mac(3), """{ "vlan": 10 }"""), Join(Ether.Mac(4), """{ "vlan": 20 }"""));
        var spec = new FrameSpec { Payload = FrameSpec.Bytes(5000), GsoSize = 1000 };
        var frame = spec.Unfinished();
        (flood ? MacAddress.Broadcast : Ether.Mac(2)).CopyTo(frame);
        Ether.Mac(1).CopyTo(frame.AsSpan(6));
        var header = spec.SuperHeader();
        Assert.True(OffloadValidator.TryNormalize(ref header, frame, out _));
        Dispatch(access, frame, header);

        var (tagged, offload) = Assert.Single(trunk.Received);
        Assert.Equal(Ether.Tagged(frame, 0x8100_000a), tagged);
        var normal = offload;
        Assert.True(OffloadValidator.TryNormalize(ref normal, tagged, out var fault), fault.ToString());
        Assert.Equal(normal, offload);
        if (flood) Assert.Equal(frame, Assert.Single(plain.Received).Frame);
        else Assert.Empty(plain.Received);
        Assert.Empty(other.Received);

        // And back again.
        trunk.Received.Clear();
        (flood ? MacAddress.Broadcast : Ether.Mac(1)).CopyTo(tagged);
        Ether.Mac(2).CopyTo(tagged.AsSpan(6));
        Dispatch(trunk, tagged, offload);
        var (stripped, again) = Assert.Single(access.Received);
        Assert.Equal(frame[12..], stripped[12..]);
        Assert.Equal(header, again);
    }

    [Theory]
    [InlineData(Ether.MaxLength - 4, true)]
    [InlineData(Ether.MaxLength - 3, false)]
    [InlineData(Ether.MaxLength, false)]
    public void A_tag_makes_no_frame_longer_than_its_receiver_takes(int length, bool passes)
    {
        var (access, trunk, other) = (Join(Ether.Mac(1), """{ "vlan": 10 }"""), Join(Ether.Mac(2), """{ "taggedVlans": [ 10 ] }"""), Join(Ether.Mac(3), """{ "vlan": 10 }"""));
        Dispatch(access, Ether.Frame(Ether.Mac(2), Ether.Mac(1), length), default);
        Dispatch(access, Ether.Frame(MacAddress.Broadcast, Ether.Mac(1), length), default);
        Assert.Equal(passes ? 2 : 0, trunk.Received.Count);
        Assert.Single(other.Received);
        Assert.Equal(passes ? 0 : 2, access.Counters.Drops(DropReason.Oversize));
    }

    [Fact]
    public void A_guard_sees_masked_bytes_where_it_has_to()
    {
        var (one, two) = (Join(Ether.Mac(1), """{ "routerGuard": true }"""), Join(Ether.Mac(2), "{}"));
        var advertisement = Packets("60:40 60:1");
        var harmless = Packets("60:40 60:1");
        harmless[^16] = 128;
        foreach (var bytes in new[] { advertisement, harmless })
        {
            const int Clear = 256;
            const uint Key = 0x1234_5678;
            var masked = bytes.ToArray();
            Masking.Apply(masked.AsSpan(Clear), Key, Clear & 3);
            var frame = new Frame(masked, Key, 0, Clear);
            new FrameDispatcher(_lan.Switch).Dispatch(one, ref frame, new FlushSet(), _lan.Now);
        }

        Assert.Equal(harmless, Assert.Single(two.Received).Frame);
        Assert.Equal(1, one.Counters.Drops(DropReason.RouterGuarded));
        Assert.Equal(2, one.Counters.FramesReceived);

        static byte[] Packets(string chain)
        {
            var frame = Switching.Guards.Packets.Frame(0x86dd, Switching.Guards.Packets.IPv6("fe80::1", 58, Switching.Guards.Packets.Neighbor(134, null, new byte[8]), chain));
            Ether.Mac(1).CopyTo(frame.AsSpan(6));
            return frame;
        }
    }

    private Port Join(MacAddress mac, string limits)
    {
        var port = new Port(mac.Value & 0xff);
        _lan.Switch.Add(port, mac, _lan.Now);
        _lan.Limit(port, limits);
        return port;
    }

    private void Dispatch(Port source, byte[] bytes, VirtioNetHeader header)
    {
        var frame = new Frame(bytes.ToArray()) { Offload = header };
        new FrameDispatcher(_lan.Switch).Dispatch(source, ref frame, new FlushSet(), _lan.Now);
    }

    private sealed class Port(ulong id) : EnginePort((long)id)
    {
        public List<(byte[] Frame, VirtioNetHeader Offload)> Received { get; } = [];

        public override void Enqueue(ref Frame frame) => Received.Add((frame.Clear().ToArray(), frame.Offload));

        public override void Flush()
        {
        }
    }
}
