using VpnWs.Ethernet;
using VpnWs.Switching;

namespace VpnWs.Tests.Switching;

public class AnnouncerTests
{
    private static readonly TestPort Port = new(1);

    [Fact]
    public void News_comes_in_order_and_only_once()
    {
        var heard = new List<MacAddress>();
        var announcer = new Announcer(new Listener(heard.Add));
        announcer.AddressLearned(Port, Lan.A);
        announcer.AddressLearned(Port, Lan.B);
        Assert.Empty(heard);
        announcer.Deliver();
        announcer.Deliver();
        Assert.Equal([Lan.A, Lan.B], heard);
    }

    [Fact]
    public void News_that_comes_up_while_news_is_delivered_waits_its_turn()
    {
        var heard = new List<string>();
        Announcer? announcer = null;
        announcer = new Announcer(new Listener(address =>
        {
            heard.Add($"begin {Lan.Short(address)}");
            if (address == Lan.A)
            {
                announcer!.AddressLearned(Port, Lan.B);
                announcer.Deliver();
            }

            heard.Add($"end {Lan.Short(address)}");
        }));
        announcer.AddressLearned(Port, Lan.A);
        announcer.Deliver();
        Assert.Equal(["begin 0a", "end 0a", "begin 0b", "end 0b"], heard);
    }

    [Fact]
    public void An_observer_that_throws_is_heard_of_and_does_not_silence_later_news()
    {
        var heard = new List<MacAddress>();
        var announcer = new Announcer(new Listener(address =>
        {
            if (address == Lan.A) throw new InvalidOperationException("no");
            heard.Add(address);
        }));
        announcer.AddressLearned(Port, Lan.A);
        announcer.AddressLearned(Port, Lan.B);
        Assert.Throws<InvalidOperationException>(announcer.Deliver);
        announcer.Deliver();
        Assert.Equal([Lan.B], heard);
    }

    [Fact]
    public void An_observer_may_turn_to_the_switch()
    {
        VirtualSwitch? hub = null;
        var held = new List<int>();
        hub = new VirtualSwitch(new SwitchOptions(), new Listener(_ => held.Add(hub!.Totals().Addresses)));
        hub.Add(new TestPort(1), Lan.A, 0);
        Assert.Equal([1], held);
    }

    private sealed class Listener(Action<MacAddress> learned) : ISwitchObserver
    {
        public void AddressLearned(SwitchPort port, MacAddress address) => learned(address);

        public void AddressRefused(SwitchPort claimant, SwitchPort holder, MacAddress address) => throw new NotSupportedException();

        public void ProbeRequested(SwitchPort holder, MacAddress address) => throw new NotSupportedException();

        public void AddressMoved(SwitchPort from, SwitchPort to, MacAddress address, MoveReason reason) => throw new NotSupportedException();

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
}
