using VpnWs.Ethernet;
using VpnWs.Tests.Offload;
using VpnWs.Tests.Transport;

namespace VpnWs.Tests.Ethernet;

public sealed class FlowHashTests
{
    [Fact]
    public void Frames_of_one_conversation_have_one_number_whatever_they_carry()
    {
        foreach (var spec in (FrameSpec[])[new(), new() { IsIPv6 = true }, new() { IsUdp = true }, new() { Tags = [0x8100_0005] }])
        {
            var small = spec with { Payload = [], Sequence = 5, Identification = 9 };
            var large = spec with { Payload = FrameSpec.Bytes(1400), Sequence = 77, Acknowledgment = 3, Flags = 0x18 };
            Assert.Equal(FlowHash.Of(small.Finished()), FlowHash.Of(large.Finished()));
        }
    }

    [Fact]
    public void Conversations_that_differ_in_a_port_or_a_protocol_have_others()
    {
        var numbers = Enumerable.Range(1, 500).Select(port => FlowHash.Of(new FrameSpec { SourcePort = (ushort)port }.Finished()) % 1024).ToHashSet();
        // As many as 500 balls leave of 1,024 boxes, and some to spare: 395 are expected.
        Assert.InRange(numbers.Count, 330, 500);
        Assert.NotEqual(FlowHash.Of(new FrameSpec().Finished()), FlowHash.Of(new FrameSpec { IsUdp = true }.Finished()));
    }

    [Fact]
    public void What_is_no_whole_IP_packet_goes_by_its_addresses()
    {
        var frame = Ether.Frame(Ether.Mac(1), Ether.Mac(2), 60, seed: 1);
        Assert.Equal(FlowHash.Of(frame), FlowHash.Of(Ether.Frame(Ether.Mac(1), Ether.Mac(2), 90, seed: 2)));
        Assert.NotEqual(FlowHash.Of(frame), FlowHash.Of(Ether.Frame(Ether.Mac(1), Ether.Mac(3), 60, seed: 1)));
        _ = FlowHash.Of(frame.AsSpan(0, 14));
    }

    [Fact]
    public void All_fragments_of_a_packet_have_one_number()
    {
        var first = new FrameSpec { IsUdp = true, Fragment = 0x2000, SourcePort = 1 };
        var second = first with { Fragment = 0x0010, SourcePort = 2 };
        Assert.Equal(FlowHash.Of(first.Finished()), FlowHash.Of(second.Finished()));
    }
}
