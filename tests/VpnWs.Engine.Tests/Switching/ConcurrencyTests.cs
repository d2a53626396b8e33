using VpnWs.Ethernet;
using VpnWs.Switching;
using static VpnWs.Tests.Switching.Lan;

namespace VpnWs.Tests.Switching;

public class ConcurrencyTests
{
    private const long Now = 1_000_000;

    [Fact]
    public void A_port_that_is_removed_while_it_sends_leaves_nothing_in_the_table()
    {
        var lan = new Lan();
        var prober = lan.Join(A);
        var ports = Enumerable.Range(0, 1500).Select(_ => lan.Join(bridge: true)).ToArray();
        using var step = new Barrier(2);
        var leftovers = 0;
        RunTogether(Remover, Sender);
        Assert.Equal(0, leftovers);

        void Remover()
        {
            for (var round = 0; round < ports.Length; round++)
            {
                step.SignalAndWait();
                Thread.SpinWait(round % 40);
                lan.Switch.Remove(ports[round]);
                step.SignalAndWait();
                var reached = lan.Switch.Forward(prober, Frame(A, B), 60, Now).Port == ports[round];
                if (reached || lan.Switch.AddressesOf(ports[round]).Count > 0 || lan.Switch.Totals().Addresses != 1) leftovers++;
            }
        }

        void Sender()
        {
            for (var round = 0; round < ports.Length; round++)
            {
                step.SignalAndWait();
                Thread.SpinWait(round * 7 % 40);
                lan.Switch.Forward(ports[round], Frame(B, A), 60, Now);
                lan.Switch.Forward(ports[round], Frame(C, A), 60, Now);
                step.SignalAndWait();
            }
        }
    }

    [Fact]
    public void Peers_that_come_go_send_and_contest_at_once_leave_a_table_that_is_whole()
    {
        var lan = new Lan(new SwitchOptions { MaxAddressesPerBridge = 4 });
        var prober = lan.Join(Nobody);
        var (lastId, wrong) = (1000L, 0);
        RunTogether([.. Enumerable.Range(1, 4).Select<int, Action>(seed => () => Peers(new Random(seed))), Ticks]);
        Assert.Equal(0, wrong);
        var totals = lan.Switch.Totals();
        Assert.Equal((1, 1), (totals.Ports, totals.Addresses));

        void Peers(Random random)
        {
            for (var round = 0; round < 3000; round++)
            {
                var port = new TestPort(Interlocked.Increment(ref lastId))
                {
                    IsBridge = random.Next(2) == 0,
                    Identity = random.Next(3) == 0 ? "alice" : null,
                    IsClassic = random.Next(4) == 0,
                };
                lan.Switch.Add(port, random.Next(2) == 0 ? Pick(random) : null, Now + round);
                for (var i = 0; i < 10; i++)
                {
                    var decision = lan.Switch.Forward(port, Frame(Pick(random), Pick(random)), 60, Now + (round * 10));
                    if (decision.Kind == ForwardingKind.Unicast && decision.Port == port) Interlocked.Increment(ref wrong);
                }

                lan.Switch.Remove(port);
                if (lan.Switch.AddressesOf(port).Count > 0) Interlocked.Increment(ref wrong);
                if (lan.Switch.Forward(prober, Frame(Nobody, Pick(random)), 60, Now).Port == port) Interlocked.Increment(ref wrong);
            }
        }

        void Ticks()
        {
            for (var i = 0; i < 3000; i++) lan.Switch.Tick(Now + (i * 10));
        }

        static MacAddress Pick(Random random) => new(0x0200_0000_000a + (ulong)random.Next(5));
    }

    private static void RunTogether(params Action[] actions)
    {
        var failures = new List<Exception>();
        var threads = actions.Select(action => new Thread(() => Guard(action))).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        Assert.Empty(failures);

        void Guard(Action action)
        {
            try
            {
                action();
            }
            catch (Exception error)
            {
                lock (failures) failures.Add(error);
            }
        }
    }
}
