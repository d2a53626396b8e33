using VpnWs.Ethernet;
using VpnWs.Switching;
using VpnWs.Switching.Guards;
using VpnWs.Tests.Transport;
using static VpnWs.Tests.Switching.Lan;

namespace VpnWs.Tests.Switching.Guards;

/// <summary>Who sends and gets which VLAN, and with which tag.</summary>
public sealed class VlanTests
{
    private const uint Ten = 0x8100_000a;
    private const uint Twenty = 0x8100_e014;
    private const uint Service = 0x88a8_000a;
    private const uint Priority = 0x8100_0000;

    [Theory]
    [InlineData("""{ "vlan": 0 }""", "plain > 0 Keep, 10 drop, 20 drop, service drop, priority drop, double drop")]
    [InlineData("""{ "vlan": 10 }""", "plain > 10 Insert, 10 drop, 20 drop, service drop, priority drop, double drop")]
    [InlineData("""{ "taggedVlans": [ 10 ] }""", "plain drop, 10 > 10 Keep, 20 drop, service drop, priority drop, double drop")]
    [InlineData("""{ "taggedVlans": [ 0, "10-20" ] }""", "plain > 0 Keep, 10 > 10 Keep, 20 > 20 Keep, service drop, priority > 0 Keep, double drop")]
    public void A_port_sends_in_its_own_VLANs_alone(string limits, string expected)
    {
        var lan = new Lan();
        var (one, two) = (lan.Join(A), lan.Join(B));
        lan.Limit(one, limits);
        var outcomes = Frames().Select(frame =>
        {
            var decision = lan.Switch.Forward(one, frame.Bytes, frame.Bytes.Length, lan.Now);
            return decision.Kind == ForwardingKind.Unicast ? $"{frame.Name} > {decision.Vlan.Id} {decision.Tagging}" : $"{frame.Name} drop";
        });
        Assert.Equal(expected, string.Join(", ", outcomes));
        Assert.Equal(expected.Split("drop").Length - 1, one.Counters.Drops(DropReason.VlanNotAllowed));
        Assert.Null(two.Guard);
    }

    [Theory]
    [InlineData("""{ "vlan": 0 }""", "plain Keep, 10 drop, 20 drop, service drop, priority Keep, double drop")]
    [InlineData("""{ "vlan": 10 }""", "plain drop, 10 Strip, 20 drop, service drop, priority drop, double Strip")]
    [InlineData("""{ "taggedVlans": [ "10-20" ] }""", "plain drop, 10 Keep, 20 Keep, service drop, priority drop, double Keep")]
    public void A_port_gets_its_own_VLANs_alone(string limits, string expected)
    {
        var lan = new Lan();
        var (one, two) = (lan.Join(A), lan.Join(B));
        lan.Limit(two, limits);
        var outcomes = Frames().Select(frame =>
        {
            var decision = lan.Switch.Forward(one, frame.Bytes, frame.Bytes.Length, lan.Now);
            return $"{frame.Name} {(decision.Kind == ForwardingKind.Unicast ? decision.Tagging : "drop")}";
        });
        Assert.Equal(expected, string.Join(", ", outcomes));
    }

    [Theory]
    [InlineData("""{ "vlan": 10 }""", "{}", null, 10)]
    [InlineData("{}", """{ "vlan": 10 }""", Twenty, 20)]
    public void A_frame_belongs_to_the_VLAN_that_it_came_into_also_where_that_changes_meanwhile(string before, string after, uint? tag, int expected)
    {
        var changer = new Changer();
        var vlans = new VirtualSwitch(new SwitchOptions(), changer);
        var port = new TestPort(1);
        vlans.Add(port, null, 0);
        Limit(before);
        changer.Learned = () => Limit(after);
        var frame = Ether.Frame(MacAddress.Broadcast, A);
        if (tag is { } control) frame = Ether.Tagged(frame, control);
        var decision = vlans.Forward(port, frame, frame.Length, 0);
        Assert.Equal((ForwardingKind.Flood, expected), (decision.Kind, decision.Vlan.Id));

        void Limit(string limits) => vlans.Configure(port, new PortSettings(PortLimits.Parse(System.Text.Encoding.UTF8.GetBytes(limits)), isBridge: false), 0);
    }

    [Fact]
    public void A_tag_that_is_put_in_comes_out_again()
    {
        var frame = Ether.Frame(B, A);
        var (tagged, plain) = (new byte[100], new byte[100]);
        Assert.Equal(64, VlanTag.Change(frame, Tagging.Insert, 10, tagged));
        Assert.Equal(Ether.Tagged(frame, Ten), tagged[..64]);
        Assert.Equal(60, VlanTag.Change(tagged.AsSpan(0, 64), Tagging.Strip, 10, plain));
        Assert.Equal(frame, plain[..60]);
        Assert.Equal(0, VlanTag.Change(frame, Tagging.Insert, 10, tagged.AsSpan(0, 63)));
    }

    [Fact]
    public void A_cut_tag_belongs_to_no_VLAN()
    {
        var frame = Ether.Tagged(Ether.Frame(B, A), Ten);
        Assert.Equal(FrameVlan.Foreign, FrameVlan.Of(frame.AsSpan(0, 15)).Id);
        Assert.Equal(10, FrameVlan.Of(frame.AsSpan(0, 16)).Id);
        Assert.False(VlanMembership.Tagged(new VlanRange(0, 4094)).TryClassify(frame.AsSpan(0, 15), out _));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("4094")]
    [InlineData("1-4094")]
    public void Ranges_are_written_as_they_are_read(string text) => Assert.Equal(text, VlanRange.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("4095")]
    [InlineData("-1")]
    [InlineData("3-2")]
    [InlineData("1-2-3")]
    [InlineData("+1")]
    public void What_is_no_range_is_refused(string text) => Assert.Throws<FormatException>(() => VlanRange.Parse(text));

    // Told of an address in the middle of a frame's way.
    private sealed class Changer : ISwitchObserver
    {
        public Action Learned { get; set; } = static () => { };

        public void AddressLearned(SwitchPort port, MacAddress address) => Learned();

        public void AddressRefused(SwitchPort claimant, SwitchPort holder, MacAddress address)
        {
        }

        public void ProbeRequested(SwitchPort holder, MacAddress address)
        {
        }

        public void AddressMoved(SwitchPort from, SwitchPort to, MacAddress address, MoveReason reason)
        {
        }

        public void AddressFrozen(SwitchPort holder, SwitchPort claimant, MacAddress address)
        {
        }

        public void PortBlocked(SwitchPort port)
        {
        }

        public void PortUnblocked(SwitchPort port)
        {
        }
    }

    private static IEnumerable<(string Name, byte[] Bytes)> Frames()
    {
        var frame = Ether.Frame(B, A);
        yield return ("plain", frame);
        yield return ("10", Ether.Tagged(frame, Ten));
        yield return ("20", Ether.Tagged(frame, Twenty));
        yield return ("service", Ether.Tagged(frame, Service));
        yield return ("priority", Ether.Tagged(frame, Priority));
        yield return ("double", Ether.Tagged(frame, Ten, Twenty));
    }
}
