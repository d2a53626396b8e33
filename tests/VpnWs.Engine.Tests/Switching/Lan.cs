using System.Buffers.Binary;
using System.Text;
using VpnWs.Ethernet;
using VpnWs.Switching;
using VpnWs.Switching.Guards;

namespace VpnWs.Tests.Switching;

internal sealed class TestPort(long id) : SwitchPort(id)
{
    public override string ToString() => $"port {Id}";
}

/// <summary>A switch, its clock, and what it told; outcomes and news are plain text, so that tests read as tables.</summary>
internal sealed class Lan : ISwitchObserver
{
    public static readonly MacAddress A = new(0x0200_0000_000a);
    public static readonly MacAddress B = new(0x0200_0000_000b);
    public static readonly MacAddress C = new(0x0200_0000_000c);
    public static readonly MacAddress D = new(0x0200_0000_000d);
    public static readonly MacAddress E = new(0x0200_0000_000e);
    public static readonly MacAddress Nobody = new(0x0200_0000_00ff);
    public static readonly MacAddress Multicast = MacAddress.Parse("01:00:5e:00:00:fb");
    public static readonly MacAddress Reserved = MacAddress.Parse("01:80:c2:00:00:0e");

    private readonly List<string> _news = [];
    private long _lastId;

    public Lan(SwitchOptions? options = null) => Switch = new VirtualSwitch(options ?? new SwitchOptions(), this);

    public VirtualSwitch Switch { get; }

    public long Now { get; set; } = 1_000_000;

    public TestPort Join(
        MacAddress? declared = null, bool bridge = false, bool uplink = false, string? identity = null, bool classic = false)
    {
        var port = new TestPort(++_lastId) { IsBridge = bridge, IsUplink = uplink, Identity = identity, IsClassic = classic };
        Switch.Add(port, declared, Now);
        return port;
    }

    /// <summary>Sends a frame the way the shell does: whoever sends has been heard.</summary>
    public string Send(SwitchPort source, MacAddress from, MacAddress to)
    {
        source.LastHeard = Now;
        return Describe(Switch.Forward(source, Frame(from, to), 60, Now), source);
    }

    /// <summary>Sends a frame of which every byte is known.</summary>
    public string Send(SwitchPort source, byte[] frame, int segments = 1)
    {
        source.LastHeard = Now;
        return Describe(Switch.Forward(source, frame, frame.Length, Now, segments), source);
    }

    /// <summary>Gives a port limits as a rules file has them.</summary>
    public void Limit(SwitchPort port, string json) =>
        Switch.Configure(port, new PortSettings(PortLimits.Parse(Encoding.UTF8.GetBytes(json)), port.IsBridge), Now);

    public void Wait(long milliseconds) => Now += milliseconds;

    public void Tick(long after = 0)
    {
        Now += after;
        Switch.Tick(Now);
    }

    /// <summary>What was told since the last time this was asked.</summary>
    public string[] TakeNews()
    {
        string[] news = [.. _news];
        _news.Clear();
        return news;
    }

    /// <summary>The same in one line.</summary>
    public string News() => string.Join("; ", TakeNews());

    public string AddressesOf(SwitchPort port) => string.Join(' ', Switch.AddressesOf(port).Order().Select(Short));

    public static byte[] Frame(MacAddress from, MacAddress to)
    {
        var frame = new byte[EthernetFrame.HeaderLength];
        to.CopyTo(frame);
        from.CopyTo(frame.AsSpan(MacAddress.Length));
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), 0x0800);
        return frame;
    }

    public static string Describe(ForwardingDecision decision, SwitchPort source) => decision.Kind switch
    {
        ForwardingKind.Drop => $"drop {decision.Reason}",
        ForwardingKind.Unicast => $"to {decision.Port.Id}",
        _ => ("flood " + string.Join(' ', decision.Targets.ToArray().Where(port => port != source).Select(port => port.Id).Order())).TrimEnd(),
    };

    public static string Short(MacAddress address) => address.ToString()[15..];

    void ISwitchObserver.AddressLearned(SwitchPort port, MacAddress address) => _news.Add($"{port.Id} learned {Short(address)}");

    void ISwitchObserver.AddressRefused(SwitchPort claimant, SwitchPort holder, MacAddress address) =>
        _news.Add($"{claimant.Id} refused {Short(address)} of {holder.Id}");

    void ISwitchObserver.ProbeRequested(SwitchPort holder, MacAddress address) => _news.Add($"probe {holder.Id}");

    void ISwitchObserver.AddressMoved(SwitchPort from, SwitchPort to, MacAddress address, MoveReason reason) =>
        _news.Add($"{Short(address)} moved {from.Id} to {to.Id} {reason}");

    void ISwitchObserver.AddressFrozen(SwitchPort holder, SwitchPort claimant, MacAddress address) => _news.Add($"{Short(address)} frozen at {holder.Id}, not {claimant.Id}");

    void ISwitchObserver.PortBlocked(SwitchPort port) => _news.Add($"{port.Id} blocked");

    void ISwitchObserver.PortUnblocked(SwitchPort port) => _news.Add($"{port.Id} unblocked");
}
